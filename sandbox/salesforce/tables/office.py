"""The org itself: users, record types, lists of values, tasks."""

from __future__ import annotations

OBJECTS = {
    "User 005 Users": """
Username string(80) cuk Username
LastName string(80) cup Last Name
FirstName string(40) ncup First Name
Name string(121) N Full Name
Email email(128) cuk Email
Alias string(8) cu Alias
IsActive boolean cud Active
FederationIdentifier string(512) ncuk SAML Federation ID
""",
    "Organization 00D Organizations": """
Name string(80) cuN Name
Country string(80) ncu Country
IsSandbox boolean d Is Sandbox
OrganizationType picklist(40) n Edition
InstanceName string(5) n Instance Name
NamespacePrefix string(15) n Namespace Prefix
TrialExpirationDate datetime n Trial Expiration Date
LanguageLocaleKey picklist(40) ncu Language
DefaultLocaleSidKey picklist(40) ncu Locale
TimeZoneSidKey picklist(40) ncu Time Zone
""",
    "RecordType 012 Record Types": """
Name string(80) cuNk Name
DeveloperName string(80) cu Record Type Name
SobjectType picklist(40) c SObject Type Name
Description string(255) ncu Description
IsActive boolean cud Active
IsPersonType boolean d Is Person Type
""",
    "Task 00T Tasks": """
WhoId ref(Contact/Lead) ncu Name ID
WhatId ref(Account/Opportunity) ncu Related To ID
Subject string(255) ncu Subject
ActivityDate date ncu Due Date Only
Status picklist(255) cud Status = task_status
Priority picklist(255) cud Priority = priority
Description textarea(32000) ncu Description
OwnerId ref(User) cud Assigned To ID
IsClosed boolean d Closed
""",
    "LeadStatus 01J Lead Status Values": """
MasterLabel string(255) N Master Label
ApiName string(255) n API Name
SortOrder int n Sort Order
IsDefault boolean d Is Default
IsConverted boolean d Is Converted
""",
}
