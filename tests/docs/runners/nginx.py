"""Let nginx read its configuration."""

import os
import re
import shutil
import subprocess

import pytest

from tests.docs.pages import Block
from tests.docs.stories import Story

MAIN = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {shown}
}}
"""


def run(block: Block, story: Story) -> None:
    """Read locations within a server, servers and upstreams as they are."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if not nginx:
        pytest.skip("put nginx on the PATH")
    is_whole = re.search(r"^\s*(server|upstream|map|limit_req_zone)\b.*\{", block.source, re.MULTILINE)
    shown = block.source if is_whole else f"server {{ listen 127.0.0.1:8080; {block.source} }}"
    file = story.folder / "nginx.conf"
    file.write_text(MAIN.format(folder=story.folder, shown=shown))
    done = subprocess.run([nginx, "-t", "-c", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
