"""``python -m target_salesforce_retail``."""

from target_salesforce_retail.singer.target import TargetSalesforceRetail

TargetSalesforceRetail.cli()
