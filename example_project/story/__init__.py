"""The shop's story, told over HTTP: what ``manage.py demo`` walks through, once for each kind of identifier.

A step is a block in a chapter: ``with walk.step("what is done → what comes"): ...``. To add one, write it in the
chapter it belongs to; to add a chapter, write a function that takes the walk in the module of its mode
(``by_email``, ``by_phone``, ``by_both``) and list it in that module's ``CHAPTERS``. What customers do with an account
once they have it is the same in every mode: those chapters are in ``account``, in ``second_step`` what they show
beside the password, and in ``leaving`` how they leave; ``without_password`` is about people who have none. They take
the account besides the walk.
"""
