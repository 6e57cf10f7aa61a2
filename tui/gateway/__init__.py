"""The place of the gateway: registered SQL, its versions and runs, and what a run brings."""
