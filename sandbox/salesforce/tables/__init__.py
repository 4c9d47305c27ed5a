"""The standard objects a retailer's shoppers, goods and receipts touch, declared by us in compact tables.

A line is ``Name type(size) flags Label [= picklist]``. Flags: n nillable, c createable, u updateable, d defaulted on
create, k id lookup, r restricted picklist, N name field, p part of the compound Name; ``-`` is none of them.
``ref(A/B)`` is a reference. ``@address Mailing`` stands for the eight parts of an address and the address as a whole.
Account, Contact, Lead, Opportunity, Case and Event are held against recorded describes by a test; for the others there
is no recording (docs/vendors/salesforce.md, describe, prices).
"""

from __future__ import annotations

from sandbox.salesforce.tables import office, people, service, trade

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
{part}Address address n {word}Address
"""
PICKLISTS = {
    "accuracy": "Address;NearAddress;Block;Street;ExtendedZip;Zip;Neighborhood;City;County;State;Unknown",
    "account_type": "Prospect;Customer - Direct;Customer - Channel;Channel Partner / Reseller;Installation Partner;"
    "Technology Partner;Other",
    "case_origin": "Phone;Email;Web",
    "case_priority": "High;Medium;Low",
    "case_reason": "Performance;Breakdown;Feedback;Other",
    "case_status": "New;Working;Escalated;Closed",
    "case_type": "Mechanical;Electrical;Other",
    "clean": "Matched;Different;Acknowledged;NotFound;Inactive;Pending;SelectMatch;Skipped",
    "event_subject": "Call;Email;Meeting;Other",
    "event_subtype": "Event",
    "forecast": "Omitted;Pipeline;Best Case;Commit;Closed",
    "group_event": "0;1;2;3",
    "industry": "Apparel;Consulting;Education;Food & Beverage;Healthcare;Hospitality;Recreation;Retail;Other",
    "instance": "First;Second;Third;Fourth;Last",
    "month": "January;February;March;April;May;June;July;August;September;October;November;December",
    "opportunity_type": "Existing Customer - Upgrade;Existing Customer - Replacement;Existing Customer - Downgrade;"
    "New Customer",
    "forecast_name": "Omitted;Pipeline;BestCase;MostLikely;Forecast;Closed",
    "order_status": "Draft;Activated",
    "ownership": "Public;Private;Subsidiary;Other",
    "pattern_version": "1;2",
    "priority": "High;Normal;Low",
    "rating": "Hot;Warm;Cold",
    "recurrence": "RecursDaily;RecursEveryWeekday;RecursMonthly;RecursMonthlyNth;RecursWeekly;RecursYearly;"
    "RecursYearlyNth",
    "role": "Business User;Decision Maker;Other",
    "salutation": "Mr.;Ms.;Mrs.;Dr.;Prof.;Mx.",
    "show_as": "Busy;OutOfOffice;Free",
    "source": "Web;Phone Inquiry;Partner Referral;Purchased List;Other",
    "stage": "Prospecting;Qualification;Needs Analysis;Value Proposition;Id. Decision Makers;Perception Analysis;"
    "Proposal/Price Quote;Negotiation/Review;Closed Won;Closed Lost",
    "status": "Open - Not Contacted;Working - Contacted;Closed - Converted;Closed - Not Converted",
    "time_zone": "Pacific/Auckland;Asia/Tokyo;Europe/Paris;Europe/London;America/New_York;America/Los_Angeles;GMT",
    "task_status": "Not Started;In Progress;Completed;Waiting on someone else;Deferred",
}
LOCKED_OBJECTS = frozenset({"LeadStatus", "Organization", "RecordType"})  # the API may read and change, not create
MERGEABLE_OBJECTS = frozenset({"Account", "Contact", "Lead"})
OBJECTS = {**people.OBJECTS, **trade.OBJECTS, **office.OBJECTS, **service.OBJECTS}
