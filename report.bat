@echo off
chcp 65001 >nul
rem make のない Windows 用です。report.bat だけで集計し、report.bat check のように動詞を付けると別の仕事をします。
cd /d "%~dp0"
if not exist .venv\Scripts\python.exe (
  echo 初回の準備をしています（数分かかります）…
  py -3 -m venv .venv || (echo [エラー] Python 3.11～3.13 をインストールしてください。& pause & exit /b 2)
)
if not exist .venv\report.stamp (
  .venv\Scripts\python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable . || (echo [エラー] 準備に失敗しました。ネットワークの接続を確かめてください。& pause & exit /b 2)
  .venv\Scripts\python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .[documents] || echo [注意] 文書（PDF・Word）を作る追加部品を入れられませんでした。ページと表は作れます。
  echo done> .venv\report.stamp
)
.venv\Scripts\python -m pipeline %*
set code=%errorlevel%
if "%1"=="" pause
exit /b %code%
