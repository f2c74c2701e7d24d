"""Every operation of the REST interface, tried by schemathesis against a running desk."""
