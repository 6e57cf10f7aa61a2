"""What the places of integrations, sources and connectors share: list, pane, form, bulk deeds.

A place adds a `Listing` (its words, columns and pages), a `DetailPane`, a `DraftForm`, its deeds,
and a screen that names them.
"""
