"""Staff questionnaire in, published results page out. Start reading at ``__main__.py``."""
