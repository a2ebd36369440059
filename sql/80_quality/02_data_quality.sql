-- data_quality: What is odd about the data of a run and what that does to its numbers, the worst first.
-- One row per run, score type (null where none applies) and kind of finding that occurs.
-- Kept: yes, unless selected_runs, selected_score_types
--   worst: 1 for the worst: by severity, then by kind, then by share
--   kind: short name of the finding
--   severity: high (a measure is undefined or says something else), medium (it moves) or low
-- As everywhere: run_id, run_name, run_label
--   score_type: the scorer's directory name; null where the finding is of the whole run
--   n: how many
--   of_n: of how many
--   finding: what was found, a sentence
--   meaning: what it means for the numbers, a sentence
create view data_quality as
-- the gravest kind first; high_from and medium_from are shares, above 1 for never
with kinds(gravity, kind, what, high_from, medium_from, meaning) as (
    values
        (
            1,
            'failed predictions',
            'examples have no prediction',
            0.2,
            0.05,
            'Measures leave them out, and the strict ones count them as wrong; accuracy_lowest and _highest, f1_lowest and _highest bound what all answers could give.'
        ),
        (
            2,
            'only activating examples',
            'score files hold activating examples only',
            0.5,
            0,
            'Precision is 1 by construction there; specificity, balanced accuracy and AUC are undefined.'
        ),
        (
            3,
            'no activating example',
            'score files hold no activating example',
            0.5,
            0,
            'Recall and balanced accuracy are undefined there, and F1 is 0 or undefined.'
        ),
        (
            4,
            'copies of another run',
            'score files are byte-identical to one of another run',
            0,
            0,
            'They are one measurement, not two: agreement of the runs there is no evidence.'
        ),
        (
            5,
            'files not used',
            'files could not be used',
            0.1,
            0,
            'The run is incomplete; load_problems says what is wrong with each.'
        ),
        (
            6,
            'placeholder explanations',
            'explanations are placeholders',
            0.1,
            0,
            'Their scores measure a failed explainer, not an explanation.'
        ),
        (
            7,
            'latents of other runs missing',
            'latents that other runs scored are missing',
            0.5,
            0.05,
            'The run is averaged over other latents than its peers; model_comparison uses the shared ones.'
        ),
        (
            8,
            'judged otherwise',
            'other runs of the score type were judged otherwise',
            2,
            0,
            'A difference from these is one of explainer and scorer together.'
        ),
        (
            9,
            'judged by themselves',
            'runs of the score type were judged by their own explainer',
            2,
            0,
            'A ranking of explainers may be one of judges; judge_agreement compares judges.'
        ),
        (
            10,
            'fewer negatives than configured',
            'score files hold fewer examples that do not activate than configured',
            0.5,
            0,
            'Precision and F1 come out higher than they would with all of them.'
        ),
        (
            11,
            'hookpoints differ from config',
            'hookpoints stand in the config or in file names only',
            2,
            0,
            'The names of the files are used; the config may be of another run.'
        ),
        (
            12,
            'config newer than scores',
            'score files are older than run_config.json',
            2,
            0,
            'The config may not be the one they were made with.'
        ),
        (
            13,
            'explanations without scores',
            'explained latents have no score',
            2,
            0.2,
            'They are in no measure; if the hard ones are missing, the measures are too high.'
        ),
        (
            14,
            'scores without explanations',
            'scored latents have no explanation on file',
            2,
            0,
            'What was scored there cannot be read; the scores count all the same.'
        ),
        (
            15,
            'stored correct disagrees',
            'examples have a stored correct that is not prediction = activating',
            2,
            0,
            'Measures use prediction and activating alone; sums of the stored values differ.'
        )
),
judged as (
    select
        q.*,
        k.gravity,
        k.what,
        k.meaning,
        case
            when q.n >= k.high_from * q.of_n then 'high'
            when q.n >= k.medium_from * q.of_n then 'medium'
            else 'low'
        end as severity
    from behind_the_views.quality_counts q
    join kinds k using (kind)
)
select
    row_number() over (
        order by
            case j.severity when 'high' then 1 when 'medium' then 2 else 3 end asc,
            j.gravity asc,
            cast(j.n as double) / j.of_n desc,
            r.run_name asc,
            j.score_type asc nulls first
    ) as worst,
    j.kind,
    j.severity,
    j.run_id,
    r.run_name,
    r.run_label,
    j.score_type,
    j.n,
    j.of_n,
    j.n || ' of ' || j.of_n || ' ' || j.what || coalesce(' (' || j.detail || ')', '') || '.' as finding,
    j.meaning
from judged j
join runs r using (run_id);
