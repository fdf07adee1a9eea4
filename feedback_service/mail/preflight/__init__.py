"""Preflight (R25): whether receivers will believe our mails, by what stands in the DNS about their sender.

`names` is the port to the DNS and `asking` its adapter; the other modules read records and judge, and do no I/O of
their own. `senders` puts it together.
"""
