"""Who is in the class, and the tables in CSV in which instructors and platforms say what they know of it."""
