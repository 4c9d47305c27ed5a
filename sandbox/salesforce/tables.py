"""The standard objects a retailer's shoppers, goods and receipts touch, declared by us in compact tables.

A line is ``Name type(size) flags Label [= picklist]``. Flags: n nillable, c createable, u updateable, d defaulted on
create, k id lookup, r restricted picklist, N name field, p part of the compound Name; ``-`` is none of them.
``ref(A/B)`` is a reference. ``@address Mailing`` stands for the eight parts of an address.
Account, Contact, Lead and Opportunity are held against recorded describes by a test; for the others there is no
recording (facts: Salesforce sections 3 and 11).
"""

SYSTEM = """
Id id(18) dk {label} ID
IsDeleted boolean d Deleted
CreatedDate datetime d Created Date
CreatedById ref(User) d Created By ID
LastModifiedDate datetime d Last Modified Date
LastModifiedById ref(User) d Last Modified By ID
SystemModstamp datetime d System Modstamp
"""
ADDRESS = """
{part}Street textarea(255) ncu {word}Street
{part}City string(40) ncu {word}City
{part}State string(80) ncu {word}State/Province
{part}PostalCode string(20) ncu {word}Zip/Postal Code
{part}Country string(80) ncu {word}Country
{part}Latitude double(18,15) ncu {word}Latitude
{part}Longitude double(18,15) ncu {word}Longitude
{part}GeocodeAccuracy picklist(40) ncur {word}Geocode Accuracy = accuracy
"""
PICKLISTS = {
    "accuracy": "Address;NearAddress;Block;Street;ExtendedZip;Zip;Neighborhood;City;County;State;Unknown",
    "account_type": "Prospect;Customer - Direct;Customer - Channel;Channel Partner / Reseller;Installation Partner;"
    "Technology Partner;Other",
    "forecast": "Omitted;Pipeline;Best Case;Commit;Closed",
    "industry": "Apparel;Consulting;Education;Food & Beverage;Healthcare;Hospitality;Recreation;Retail;Other",
    "opportunity_type": "Existing Customer - Upgrade;Existing Customer - Replacement;Existing Customer - Downgrade;"
    "New Customer",
    "priority": "High;Normal;Low",
    "rating": "Hot;Warm;Cold",
    "role": "Business User;Decision Maker;Other",
    "salutation": "Mr.;Ms.;Mrs.;Dr.;Prof.;Mx.",
    "source": "Web;Phone Inquiry;Partner Referral;Purchased List;Other",
    "stage": "Prospecting;Qualification;Needs Analysis;Value Proposition;Id. Decision Makers;Perception Analysis;"
    "Proposal/Price Quote;Negotiation/Review;Closed Won;Closed Lost",
    "status": "Open - Not Contacted;Working - Contacted;Closed - Converted;Closed - Not Converted",
    "task_status": "Not Started;In Progress;Completed;Waiting on someone else;Deferred",
}
LOCKED_OBJECTS = frozenset({"Organization", "RecordType"})  # the API may read and change, not create
MERGEABLE_OBJECTS = frozenset({"Account", "Contact", "Lead"})
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
TickerSymbol string(20) ncu Ticker Symbol
Description textarea(32000) ncu Account Description
Rating picklist(40) ncu Account Rating = rating
Site string(80) ncu Account Site
OwnerId ref(User) cud Owner ID
LastActivityDate date n Last Activity
AccountSource picklist(40) ncu Account Source = source
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
HasOptedOutOfEmail boolean cud Email Opt Out
DoNotCall boolean cud Do Not Call
LastActivityDate date n Last Activity
EmailBouncedReason string(255) ncu Email Bounced Reason
EmailBouncedDate datetime ncu Email Bounced Date
IsEmailBounced boolean d Is Email Bounced
IndividualId ref(Individual) ncu Individual ID
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
HasOptedOutOfEmail boolean cud Email Opt Out
DoNotCall boolean cud Do Not Call
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
""",
    "Opportunity 006 Opportunities": """
AccountId ref(Account) ncu Account ID
IsPrivate boolean cud Private
Name string(120) cukN Name
Description textarea(32000) ncu Description
StageName picklist(255) cu Stage = stage
Amount currency(18,2) ncu Amount
Probability percent(3,0) ncud Probability (%)
ExpectedRevenue currency(18,2) n Expected Amount
TotalOpportunityQuantity double(18,2) ncu Quantity
CloseDate date cu Close Date
Type picklist(255) ncu Opportunity Type = opportunity_type
NextStep string(255) ncu Next Step
LeadSource picklist(255) ncu Lead Source = source
IsClosed boolean d Closed
IsWon boolean d Won
ForecastCategoryName picklist(255) ncudr Forecast Category = forecast
CampaignId ref(Campaign) ncu Campaign ID
HasOpportunityLineItem boolean d Has Line Item
Pricebook2Id ref(Pricebook2) ncud Price Book ID
OwnerId ref(User) cud Owner ID
LastActivityDate date n Last Activity
ContactId ref(Contact) nc Contact ID
""",
    "OpportunityContactRole 00K Opportunity Contact Roles": """
OpportunityId ref(Opportunity) c Opportunity ID
ContactId ref(Contact) cu Contact ID
Role picklist(40) ncu Role = role
IsPrimary boolean cud Primary
""",
    "OpportunityLineItem 00k Opportunity Products": """
OpportunityId ref(Opportunity) c Opportunity ID
PricebookEntryId ref(PricebookEntry) nc Price Book Entry ID
Product2Id ref(Product2) nc Product ID
Name string(376) nN Opportunity Product Name
ProductCode string(255) n Product Code
Quantity double(12,2) cu Quantity
UnitPrice currency(18,2) ncu Sales Price
TotalPrice currency(18,2) ncu Total Price
ListPrice currency(18,2) n List Price
Discount percent(5,2) ncu Discount
ServiceDate date ncu Date
Description string(255) ncu Line Description
""",
    "Product2 01t Products": """
Name string(255) cukN Product Name
ProductCode string(255) ncu Product Code
Description textarea(4000) ncu Product Description
IsActive boolean cud Active
Family picklist(255) ncu Product Family
ExternalId string(255) ncu External ID
DisplayUrl url(1000) ncu Display URL
QuantityUnitOfMeasure picklist(255) ncu Quantity Unit Of Measure
StockKeepingUnit string(180) ncu Product SKU
IsArchived boolean d Archived
""",
    "Pricebook2 01s Price Books": """
Name string(255) cukN Price Book Name
Description string(255) ncu Description
IsActive boolean cud Active
IsStandard boolean d Is Standard Price Book
IsArchived boolean d Archived
""",
    "PricebookEntry 01u Price Book Entries": """
Name string(255) nN Product Name
Pricebook2Id ref(Pricebook2) c Price Book ID
Product2Id ref(Product2) c Product ID
UnitPrice currency(18,2) cu List Price
IsActive boolean cud Active
UseStandardPrice boolean cud Use Standard Price
ProductCode string(255) n Product Code
IsArchived boolean d Archived
""",
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
DefaultLocaleSidKey picklist(40) ncu Locale
TimeZoneSidKey picklist(40) ncu Time Zone
""",
    "RecordType 012 Record Types": """
Name string(80) cuN Name
DeveloperName string(80) cu Record Type Name
SobjectType picklist(40) c SObject Type Name
Description string(255) ncu Description
IsActive boolean cud Active
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
}
