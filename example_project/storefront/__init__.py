"""The pages that a shop's customers see, and the design they share.

How to add a page:

1. A view: subclass `pages.ShopView` (or mix `pages.ShopPage` into a ``FormView``); name its ``template_name``,
   ``title`` and, if it needs one, ``module`` (a file of ``static/storefront``). ``needs_login = True`` sends strangers
   to ``/log-in?next=…``; ``self.customer`` is who is logged in, or ``None``. The server knows it from the session
   cookie, so no page ever shows the wrong state first.
2. A template: ``{% extends "storefront/base.html" %}``, with the blocks ``main`` and, for the entry pages' look with a
   drawing beside the form, ``{% extends "storefront/entry.html" %}`` and the block ``entry``. Fields come from a
   `forms.ShopForm` by ``{% include "storefront/_field.html" with field=form.email %}``, buttons are
   ``<button class="button">``, and a code is entered in ``{% include "storefront/_code.html" %}``.
3. A module: ``wire(form, submit)`` of ``forms.js`` runs ``submit(values)`` once at a time, with the button busy, and
   shows what it throws; ``call(method, path, body)`` of ``api.js`` asks the API; `CodeEntry` of ``code-entry.js`` is
   the step in which a code is entered, and ``askForCode`` of ``flows.js`` asks for one; ``showStep`` of ``steps.js``
   goes from one step to the next; ``remember`` of ``state.js`` keeps what a reload must not lose. What they say comes
   from ``texts.py``, translated by the server: a module has no words of its own.
"""
