"""``python -m target_salesforce_retail``."""

from target_salesforce_retail.target import TargetSalesforceRetail

TargetSalesforceRetail.cli()
