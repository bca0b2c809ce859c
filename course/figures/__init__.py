"""What lessons draw, a module each, named as in ``course.questions``: titles, labels, alt texts stand here.

A figure's title says the answer. In the cell above it students would read it before they have guessed.
"""
