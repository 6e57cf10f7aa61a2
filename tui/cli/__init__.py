"""The command line: the headless twin of every screen. Never imports Textual.

`main` runs it, `root` lists the commands, `kit` has the classes they are made of, `session`
what each of them holds, `output` the formats; each group of commands has a file of its own,
which is imported only when one of its commands is called.
"""
