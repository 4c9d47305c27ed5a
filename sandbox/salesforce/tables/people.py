"""Shoppers: accounts, contacts, leads, and what person accounts add."""

from __future__ import annotations

OBJECTS = {
    "Account 001 Accounts": """
MasterRecordId ref(Account) n Master Record ID
Name string(255) cuNp Account Name
Type picklist(40) ncu Account Type = account_type
RecordTypeId ref(RecordType) ncu Record Type ID
ParentId ref(Account) ncu Parent Account ID
@address Billing
@address Shipping
Phone phone(40) ncu Account Phone
Fax phone(40) ncu Account Fax
AccountNumber string(40) ncu Account Number
Website url(255) ncu Website
Sic string(20) ncu SIC Code
Industry picklist(40) ncu Industry = industry
AnnualRevenue currency(18,0) ncu Annual Revenue
NumberOfEmployees int ncu Employees
Ownership picklist(40) ncu Ownership = ownership
TickerSymbol string(20) ncu Ticker Symbol
Description textarea(32000) ncu Account Description
Rating picklist(40) ncu Account Rating = rating
Site string(80) ncu Account Site
OwnerId ref(User) cud Owner ID
LastActivityDate date n Last Activity
IsPartner boolean ud Partner Account
IsCustomerPortal boolean ud Customer Portal Account
ChannelProgramName string(255) n Channel Program Name
ChannelProgramLevelName string(255) n Channel Program Level Name
LastViewedDate datetime n Last Viewed Date
LastReferencedDate datetime n Last Referenced Date
PhotoUrl url(255) n Photo URL
Jigsaw string(20) ncu Data.com Key
JigsawCompanyId string(20) n Jigsaw Company ID
CleanStatus picklist(40) ncur Clean Status = clean
AccountSource picklist(40) ncu Account Source = source
DunsNumber string(9) ncu D-U-N-S Number
Tradestyle string(255) ncu Tradestyle
NaicsCode string(8) ncu NAICS Code
NaicsDesc string(120) ncu NAICS Description
YearStarted string(4) ncu Year Started
SicDesc string(80) ncu SIC Description
DandbCompanyId ref(DandBCompany) ncu D&B Company ID
OperatingHoursId ref(OperatingHours) ncu Operating Hour ID
""",
    "Contact 003 Contacts": """
MasterRecordId ref(Contact) n Master Record ID
AccountId ref(Account) ncu Account ID
LastName string(80) cup Last Name
FirstName string(40) ncup First Name
Salutation picklist(40) ncup Salutation = salutation
Name string(121) N Full Name
@address Other
@address Mailing
Phone phone(40) ncu Business Phone
Fax phone(40) ncu Business Fax
MobilePhone phone(40) ncu Mobile Phone
HomePhone phone(40) ncu Home Phone
OtherPhone phone(40) ncu Other Phone
AssistantPhone phone(40) ncu Asst. Phone
ReportsToId ref(Contact) ncu Reports To ID
Email email(80) ncuk Email
Title string(128) ncu Title
Department string(80) ncu Department
AssistantName string(40) ncu Assistant's Name
LeadSource picklist(255) ncu Lead Source = source
Birthdate date ncu Birthdate
Description textarea(32000) ncu Contact Description
OwnerId ref(User) cud Owner ID
LastActivityDate date n Last Activity
EmailBouncedReason string(255) ncu Email Bounced Reason
EmailBouncedDate datetime ncu Email Bounced Date
IsEmailBounced boolean d Is Email Bounced
IndividualId ref(Individual) ncu Individual ID
LastViewedDate datetime n Last Viewed Date
LastReferencedDate datetime n Last Referenced Date
PhotoUrl url(255) n Photo URL
""",
    "Lead 00Q Leads": """
MasterRecordId ref(Lead) n Master Record ID
LastName string(80) cup Last Name
FirstName string(40) ncup First Name
Salutation picklist(40) ncup Salutation = salutation
Name string(121) N Full Name
Title string(128) ncu Title
Company string(255) cu Company
@address
Phone phone(40) ncu Phone
MobilePhone phone(40) ncu Mobile Phone
Fax phone(40) ncu Fax
Email email(80) ncuk Email
Website url(255) ncu Website
Description textarea(32000) ncu Description
LeadSource picklist(255) ncu Lead Source = source
Status picklist(255) cud Status = status
Industry picklist(255) ncu Industry = industry
Rating picklist(255) ncu Rating = rating
AnnualRevenue currency(18,0) ncu Annual Revenue
NumberOfEmployees int ncu Employees
OwnerId ref(Group/User) cud Owner ID
IsConverted boolean cd Converted
ConvertedDate date n Converted Date
ConvertedAccountId ref(Account) n Converted Account ID
ConvertedContactId ref(Contact) n Converted Contact ID
ConvertedOpportunityId ref(Opportunity) n Converted Opportunity ID
IsUnreadByOwner boolean cud Unread By Owner
LastActivityDate date n Last Activity
EmailBouncedReason string(255) nu Email Bounced Reason
EmailBouncedDate datetime nu Email Bounced Date
IndividualId ref(Individual) ncu Individual ID
LastViewedDate datetime n Last Viewed Date
LastReferencedDate datetime n Last Referenced Date
PhotoUrl url(255) n Photo URL
""",
    "Individual 0PK Individuals": """
LastName string(80) cup Last Name
FirstName string(40) ncup First Name
Salutation picklist(40) ncup Salutation = salutation
Name string(121) N Full Name
OwnerId ref(User) cud Owner ID
HasOptedOutProcessing boolean cud Don't Process
HasOptedOutSolicit boolean cud Don't Market
HasOptedOutTracking boolean cud Don't Track
BirthDate date ncu Birth Date
""",
}
PERSON_ACCOUNT = """
Name string(255) ncuNp Account Name
LastName string(80) ncup Last Name
FirstName string(40) ncup First Name
Salutation picklist(40) ncup Salutation = salutation
PersonContactId ref(Contact) n Contact ID
IsPersonAccount boolean d Is Person Account
@address PersonMailing
@address PersonOther
PersonMobilePhone phone(40) ncu Mobile
PersonHomePhone phone(40) ncu Home Phone
PersonOtherPhone phone(40) ncu Other Phone
PersonAssistantPhone phone(40) ncu Asst. Phone
PersonEmail email(80) ncu Email
PersonTitle string(80) ncu Title
PersonDepartment string(80) ncu Department
PersonAssistantName string(40) ncu Assistant
PersonLeadSource picklist(255) ncu Lead Source = source
PersonBirthdate date ncu Birthdate
PersonEmailBouncedReason string(255) ncu Email Bounced Reason
PersonEmailBouncedDate datetime ncu Email Bounced Date
PersonIndividualId ref(Individual) ncu Individual ID
"""
"""What person accounts add to Account (docs/vendors/salesforce.md, person accounts)."""
OPT_OUTS = """
HasOptedOutOfEmail boolean cud Email Opt Out
HasOptedOutOfFax boolean cud Fax Opt Out
DoNotCall boolean cud Do Not Call
"""
"""Of contacts and leads, hidden unless field-level security grants them (docs/vendors/salesforce.md, permissions)."""
