"""Figures for Prometheus: install the ``prometheus`` extra, and put this into ``INSTALLED_APPS``.

It listens to the public signals, so a project without it pays nothing, and no request of one with it asks the database.
"""
