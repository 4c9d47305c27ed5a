"""The live Salesforce org: the only room that speaks HTTP."""
