"""What is sold: products, price books, opportunities, orders."""

from __future__ import annotations

OBJECTS = {
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
FiscalQuarter int n Fiscal Quarter
FiscalYear int n Fiscal Year
Fiscal string(6) n Fiscal Period
ForecastCategory picklist(40) r Forecast Category = forecast_name
LastStageChangeDate datetime n Last Stage Change Date
LastViewedDate datetime n Last Viewed Date
LastReferencedDate datetime n Last Referenced Date
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
    "Order 801 Orders": """
OwnerId ref(User) cud Owner ID
AccountId ref(Account) ncu Account ID
Pricebook2Id ref(Pricebook2) ncu Price Book ID
OpportunityId ref(Opportunity) ncu Opportunity ID
EffectiveDate date cu Order Start Date
EndDate date ncu Order End Date
Status picklist(255) cu Status = order_status
Description textarea(32000) ncu Description
Type picklist(40) ncu Order Type
Name string(80) ncuN Order Name
PoNumber string(80) ncu PO Number
OrderReferenceNumber string(80) ncu Order Reference Number
TotalAmount currency(18,2) d Order Amount
OrderNumber string(30) d Order Number
StatusCode picklist(40) d Status Category
@address Billing
@address Shipping
""",
    "OrderItem 802 Order Products": """
Product2Id ref(Product2) nc Product ID
OrderId ref(Order) c Order ID
PricebookEntryId ref(PricebookEntry) nc Price Book Entry ID
AvailableQuantity double(18,2) n Available Quantity
Quantity double(18,2) cu Quantity
UnitPrice currency(18,2) ncu Unit Price
ListPrice currency(18,2) nc List Price
TotalPrice currency(18,2) n Total Price
ServiceDate date ncu Start Date
EndDate date ncu End Date
Description string(255) ncu Line Description
OrderItemNumber string(30) dN Order Product Number
""",
}
