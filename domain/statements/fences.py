"""Wall two: the row-level security of PostgreSQL, written from how each table declares its owner.

The caller's reach arrives as transaction-local settings (``app.…``) with the BEGIN. Unset settings mean no rows and
no inserts. The text here is wall one's rule a second time, in SQL, on purpose: each wall is proven alone.
Migrations carry the text these functions gave when they were drafted; a test compares the database with them.
"""

from sqlalchemy import Table

from domain.statements.reach import Owner, owner_of


def _told(name: str, kind: str = "uuid") -> str:
    # Empty where nothing is told: with NULL, what stands behind an AND would be evaluated for every row.
    return f"coalesce(nullif(current_setting('app.{name}', true), ''), '{{}}')::{kind}[]"


def _array(name: str, kind: str = "uuid") -> str:
    # The array comes from a scalar subselect so that it is made once per statement and indexes stay usable;
    # without the outer cast the planner reads it as a set.
    return f"(SELECT {_told(name, kind)})::{kind}[]"


def _list(name: str, kind: str = "uuid") -> str:
    return f"ANY ({_array(name, kind)})"


def _centre_in(name: str) -> str:
    return f"centre_id = {_list(name)}"


def _for_us(extra: str = "") -> str:
    return f"(municipality_id IS NULL{extra} OR municipality_id = {_list('municipalities', 'text')})"


# In their bodies what needs no query stands apart: PL/pgSQL evaluates a plain expression without running a statement.
FUNCTIONS = {
    "reach_covered": """
CREATE FUNCTION reach_covered(centre uuid, first date, last date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT 1 FROM unnest(nullif(current_setting('app.windows', true), '')::text[]) AS w(x)
    WHERE split_part(w.x, '|', 1)::uuid = centre
      AND split_part(w.x, '|', 2)::date <= last AND split_part(w.x, '|', 3)::date >= first);
END $$""",
    "reach_of_office": f"""
CREATE FUNCTION reach_of_office(centre uuid, municipality text, seen text, offices uuid[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN centre = ANY ({_told("near_centres")}) AND (
    (seen = 'published' AND (municipality IS NULL OR municipality = ANY ({_told("municipalities", "text")})))
    OR (seen IN ('published', 'offices_involved') AND offices && {_told("offices")}));
END $$""",
    "reach_of_activity": f"""
CREATE FUNCTION reach_of_activity(
  centre uuid, municipality text, seen text, on_day date, offices uuid[], is_there boolean
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (centre = ANY ({_told("ward_centres")}) AND seen <> 'centre'
      AND (municipality IS NULL OR municipality = ANY ({_told("municipalities", "text")}))
      AND (centre = ANY ({_told("free_centres")}) OR public.reach_covered(centre, on_day, on_day)))
    OR (is_there AND public.reach_of_office(centre, municipality, seen, offices));
END $$""",
    "reach_of_parent": """
CREATE FUNCTION reach_of_parent(activity uuid, centre uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM public.activity a WHERE a.id = reach_of_parent.activity AND a.centre_id = centre);
END $$""",
    "reach_of_link": f"""
CREATE FUNCTION reach_of_link(activity uuid, centre uuid, office uuid, municipality text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF office = ANY ({_told("offices")}) OR (centre = ANY ({_told("ward_centres")})
      AND (municipality IS NULL OR municipality = ANY ({_told("municipalities", "text")}))) THEN
    RETURN public.reach_of_parent(activity, centre);
  END IF;
  RETURN false;
END $$""",
}
"""The rules that a centre's own callers never need. Functions, because what stands in a policy is planned and set up
for every statement on every table it names, whoever sends it; a function costs only who calls it."""


def _covered(first: str, last: str) -> str:
    return f"({_centre_in('free_centres')} OR reach_covered(centre_id, {first}, {last}))"


def _parent(table: Table) -> str:
    # The activity's own policy narrows what the function finds, so that finding the parent is all there is to say.
    return f"reach_of_parent({table.info.get('parent', 'activity_id')}, centre_id)"


def _everywhere() -> str:
    return "coalesce(current_setting('app.everywhere', true), '') = '1'"


def _seen(others: str) -> str:
    # One's own first and alone: a second condition on the centre would be counted as if it narrowed twice, and the
    # planner would fetch and sort whole months for a page that the index has in order.
    return f"{_centre_in('own_centres')} OR ({others})"


def _ward_sees() -> str:
    return " AND ".join(
        [_centre_in("ward_centres"), "visibility <> 'centre'", _for_us(), _covered("occurs_on", "occurs_on")]
    )


def _activity_link(_table: Table) -> str:
    return _seen("reach_of_activity(centre_id, municipality_id, visibility, occurs_on, NULL, false)")


def _activity(_table: Table) -> str:
    # Written out, where the others call a function: whole years of it are read by wards.
    office = "deleted_at IS NULL AND reach_of_office(centre_id, municipality_id, visibility, office_ids)"
    return _seen(f"({_ward_sees()}) OR ({office})")


def _activity_details(_table: Table) -> str:
    told = "centre_id, municipality_id, visibility, occurs_on, office_ids, deleted_at IS NULL"
    return _seen(f"reach_of_activity({told})")


def _activity_part(table: Table) -> str:
    return _seen(_parent(table))


def _office_link(table: Table) -> str:
    parent = table.info.get("parent", "activity_id")
    link = f"reach_of_link({parent}, centre_id, office_id, municipality_id)"
    return _seen(link)


def _sheet(table: Table) -> str:
    ward = f"shared_with_ward AND {_centre_in('ward_centres')} AND {_for_us()}"
    return _seen(f"(office_id = {_list('offices')} OR ({ward})) AND {_parent(table)}")


def _sheet_policies(table: Table) -> list[str]:
    """Only the office shares: what a centre writes is unshared, and an office writes no row of its own making."""
    own = _centre_in("own_centres")
    unshared = f"{own} AND NOT shared_with_ward"
    consents = f"office_id = {_list('offices')} AND {_parent(table)}"
    policies = [
        f"CREATE POLICY reach ON {table.name} FOR SELECT USING ({_sheet(table)})",
        f"CREATE POLICY record ON {table.name} FOR INSERT WITH CHECK ({unshared})",
        (
            f"CREATE POLICY change ON {table.name} FOR UPDATE USING (({own}) OR ({consents}))"
            f" WITH CHECK (({unshared}) OR ({consents}))"
        ),
    ]
    if table.info.get("deletable"):
        policies.append(f"CREATE POLICY clear ON {table.name} FOR DELETE USING ({own})")
    return policies


def _ward_plans(table: Table) -> str:
    ward = [_centre_in("ward_centres"), _for_us(" OR municipality_id = ''")]
    if "from_on" in table.info:
        ward.append(_covered(table.info["from_on"], table.info["to_on"]))
    return " AND ".join(ward)


def _plan(table: Table) -> str:
    return _seen(_ward_plans(table))


def _rollup(table: Table) -> str:
    return _seen(f"NOT is_centre_only AND {_ward_plans(table)}")


def _office(table: Table) -> str:
    key = table.info.get("office", "office_id")
    return f"municipality_id = {_list('open_municipalities', 'text')} OR {key} = {_list('offices')}"


def _person(_table: Table) -> str:
    return (
        f"{_centre_in('own_centres')} OR {_centre_in('ward_centres')}"
        f" OR municipality_id = {_list('open_municipalities', 'text')} OR office_id = {_list('offices')}"
    )


def _municipality(table: Table) -> str:
    key = table.info.get("municipality", "municipality_id")
    return f"{key} = {_list('municipalities', 'text')} OR {_everywhere()}"


def _centre(table: Table) -> str:
    key = table.info.get("centre", "centre_id")
    return f"{key} = {_list('centres')} OR {_everywhere()}"


def _caller(_table: Table) -> str:
    return "caller_id = coalesce(current_setting('app.caller', true), '')"


def _credentials(_table: Table) -> str:
    return "coalesce(current_setting('app.door', true), '') = 'credentials'"


_RULES = {
    Owner.ACTIVITY: _activity,
    Owner.ACTIVITY_DETAILS: _activity_details,
    Owner.ACTIVITY_PART: _activity_part,
    Owner.ACTIVITY_LINK: _activity_link,
    Owner.OFFICE_LINK: _office_link,
    Owner.PLAN: _plan,
    Owner.ROLLUP: _rollup,
    Owner.OFFICE: _office,
    Owner.PERSON: _person,
    Owner.MUNICIPALITY: _municipality,
    Owner.CENTRE: _centre,
    Owner.CALLER: _caller,
    Owner.CREDENTIALS: _credentials,
}


def fence_of(table: Table) -> list[str]:
    """Give the statements that fence a table: forced row-level security and its policy. Empty for shared tables."""
    owner = owner_of(table)
    if owner is Owner.SHARED:
        return []
    switch = [
        f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY",
    ]
    if owner is Owner.AUDIT:
        # No policy for SELECT: the api role writes audit rows and can never read, change or delete one.
        return [*switch, f"CREATE POLICY reach ON {table.name} FOR INSERT WITH CHECK (true)"]
    if owner is Owner.SHEET:
        return [*switch, *_sheet_policies(table)]
    rule = _RULES[owner](table)
    return [*switch, f"CREATE POLICY reach ON {table.name} USING ({rule}) WITH CHECK ({rule})"]


def grants_of(table: Table, role: str) -> list[str]:
    """Give the rights of the api role on a table: what its owner class needs and nothing else."""
    owner = owner_of(table)
    rights = {
        Owner.SHARED: "SELECT",
        Owner.AUDIT: "INSERT",
    }.get(owner, "SELECT, INSERT, UPDATE")
    if table.info.get("deletable"):
        rights += ", DELETE"
    return [f"GRANT {rights} ON {table.name} TO {role}"]
