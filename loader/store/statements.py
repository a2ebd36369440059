"""Hold the statement that turns the text of explanation files into rows."""

# The whole text of an explanation file, in RE2's syntax: a JSON string.
EXPLANATION = r'[ \t\n\r]*"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"[ \t\n\r]*'

# Of (file_id, data), a file's bytes; it leaves out what it does not take, which `parse` then reads.
INSERT_EXPLANATIONS = """
insert into explanation_facts
select
    file_id,
    explanation
from (
    select
        file_id,
        -- null for half a surrogate pair
        try(json_extract_string(text, '$')) as explanation
    from (
        select
            file_id,
            try(decode(data)) as text
        from files
    )
    where regexp_full_match(text, $grammar)
)
where explanation is not null and not regexp_matches(explanation, $secret)
"""
