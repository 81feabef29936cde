-- An amount in the reporting currency, exact to a millionth, halves away from zero: the same as
-- models.settle.fx.convert. Unknown where a rate is.
create or replace macro convert_amount(amount, quote, reporting_quote) as
case
    when quote = reporting_quote then amount
    else from_micro(
            cast(sign(amount) as hugeint)
            * ((2 * abs(micro(amount)) * micro(reporting_quote) + micro(quote)) // (2 * micro(quote)))
        )
end
