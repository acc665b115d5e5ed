"""What runs the blocks of each language: a function that raises what is wrong with a block."""

from collections.abc import Mapping

from tests.docs.runners import console, crontab, data, html, javascript, nginx, po, python, shell, sql, text, typescript
from tests.docs.stories import Runner

RUNNERS: Mapping[str, Runner] = {
    "console": console.run,
    "crontab": crontab.run,
    "env": data.read_env,
    "html": html.run,
    "ini": data.read_ini,
    "js": javascript.run,
    "json": data.read_json,
    "nginx": nginx.run,
    "po": po.run,
    "python": python.run,
    "sh": shell.run,
    "sql": sql.run,
    "text": text.run,
    "ts": typescript.run,
    "toml": data.read_toml,
    "yaml": data.read_yaml,
}
