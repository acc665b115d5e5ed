"""Run every fenced block of every Markdown page: each is a test, and its name is where it stands.

For authors. Label every fence; ``runners/`` says what becomes of each language. A page is one story: what a block
makes is there for the next, and a page that speaks to the shop begins with an empty one, at ``localhost:8000``. What it
shows of an answer must be the answer, but for ids, tokens, codes and dates, which must look alike; ``…`` leaves out the
rest. A variable such as ``$TOKEN`` is the newest token that an answer held when it is first used. ``# shop/actors.py``
in the first line makes a block that file of the reader's project, whose other files are in ``project/``; in settings,
``...`` stands for the rest of a list. What a page takes for granted it says in a comment before the block, a line each
(all of them: ``REMARKS`` in ``remarks.py``)::

    <!-- docs: shop {"REGISTRATION": {"IDENTIFIER": "phone"}}
    given +14155552671 as LOGIN -->

``excused``, and a reason, leaves a block out; ``test_pages.py`` counts those.
"""
