"""Settlement: months, what people decided, exchange rates, statements and invoices, all pure.

The set-based part is SQL in `models/sql/settle`; `pipelines.stages.settle` runs it.
"""
