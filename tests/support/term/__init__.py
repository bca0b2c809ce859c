"""A term of a class, from what a platform gives to what it takes back, by the commands of docs/instructor.md."""
