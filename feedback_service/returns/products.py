"""What the articles of a return are called."""

from feedback_service.returns.models import Return, ReturnLine


def product_of(returned: Return, line: ReturnLine) -> str:
    """Return the article of a line of `returned` as its customer knows it: as it was sold, else by its number.

    Platforms often name the article of a return by its number alone.
    """
    if line.product or returned.order is None:
        return line.product or line.sku
    return next((sold.product for sold in returned.order.lines if sold.sku == line.sku and sold.product), line.sku)
