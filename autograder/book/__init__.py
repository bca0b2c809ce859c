"""What the book's pages are made of: the text, figures and cards of the lessons, as Sphinx reads them.

``python -m autograder.book FOLDER`` writes it; ``make site`` then makes the pages (see ``book/conf.py``). No
notebook is run: what a page shows was stored when the lesson was built.
"""
