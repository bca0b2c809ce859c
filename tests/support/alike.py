"""What a gradebook's tables say, whatever its database and the ids that nbgrader drew."""

from nbgrader.api import Base
from sqlalchemy import select


def tables(folder):
    """The rows of every table, in order: for an id stands what the row with it says."""
    said, found = {}, {}
    with folder.open() as gradebook:
        for table in Base.metadata.sorted_tables:
            rows = []
            for row in gradebook.db.execute(select(table)).mappings():
                own = {name: said.get(value, value) for name, value in row.items() if name != "id"}
                if "id" in row and not (len(row["id"]) == 32 and set(row["id"]) <= set("0123456789abcdef")):
                    own["id"] = row["id"]
                rows.append(repr((said.get(row["id"]), own)))
                said.setdefault(row["id"], f"{table.name}: {own}")
            found[table.name] = sorted(rows)
    return found


def files(folder):
    """Every file of the folder but the database and locks: what is graded, judged and given back."""
    return {
        path.relative_to(folder.path).as_posix(): path.read_bytes()
        for step in ("autograded", "judgements", "feedback", "release", "source", "policy_in_force.json")
        for path in sorted([folder.path / step, *(folder.path / step).rglob("*")])
        if path.is_file()
    }
