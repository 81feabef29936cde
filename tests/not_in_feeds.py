"""The rules that nothing a partner lists can break, so that the sandbox does not."""

from models.recon.registry import RULES

# Pulls and volumes are about the connection, and invoices come by mail. Of numbers that are missing
# a list tells better: only of pushes are they judged.
_SUBJECTS = ("batch", "invoice_line", "received_invoice")
NOT_IN_FEEDS = {rule.id for rule in RULES if rule.subject in _SUBJECTS} | {
    "CDR_ONE_WAY",  # of what is pushed and listed
}
