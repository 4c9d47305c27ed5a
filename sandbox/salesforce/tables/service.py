"""Service and time: cases and events."""

from __future__ import annotations

OBJECTS = {
    "Case 500 Cases": """
MasterRecordId ref(Case) n Master Record ID
CaseNumber string(30) dkN Case Number
ContactId ref(Contact) ncu Contact ID
AccountId ref(Account) ncu Account ID
AssetId ref(Asset) ncu Asset ID
ParentId ref(Case) ncu Parent Case ID
SuppliedName string(80) ncu Name
SuppliedEmail email(80) ncu Email Address
SuppliedPhone string(40) ncu Phone
SuppliedCompany string(80) ncu Company
Type picklist(40) ncu Case Type = case_type
Status picklist(40) ncud Status = case_status
Reason picklist(40) ncu Case Reason = case_reason
Origin picklist(40) ncu Case Origin = case_origin
Subject string(255) ncu Subject
Priority picklist(40) ncud Priority = case_priority
Description textarea(32000) ncu Description
IsClosed boolean d Closed
ClosedDate datetime n Closed Date
IsEscalated boolean cud Escalated
OwnerId ref(Group/User) cud Owner ID
ContactPhone phone(40) n Contact Phone
ContactMobile phone(40) n Contact Mobile
ContactEmail email(80) n Contact Email
ContactFax phone(40) n Contact Fax
Comments textarea(4000) ncu Internal Comments
LastViewedDate datetime n Last Viewed Date
LastReferencedDate datetime n Last Referenced Date
""",
    "Event 00U Events": """
WhoId ref(Contact/Lead) ncu Name ID
WhatId ref(Account/Campaign/Case/Opportunity/Order/Product2) ncu Related To ID
Subject combobox(255) ncuN Subject = event_subject
Location string(255) ncu Location
IsAllDayEvent boolean cud All-Day Event
ActivityDateTime datetime ncu Due Date Time
ActivityDate date ncu Due Date Only
DurationInMinutes int ncu Duration
StartDateTime datetime ncu Start Date Time
EndDateTime datetime ncu End Date Time
EndDate date n End Date
Description textarea(32000) ncu Description
AccountId ref(Account) n Account ID
OwnerId ref(Calendar/User) cud Assigned To ID
IsPrivate boolean cud Private
ShowAs picklist(40) ncudr Show Time As = show_as
IsChild boolean d Is Child
IsGroupEvent boolean d Is Group Event
GroupEventType picklist(40) ndr Group Event Type = group_event
IsArchived boolean d Archived
RecurrenceActivityId ref(Event) n Recurrence Activity ID
IsRecurrence boolean cd Create Recurring Series of Events
RecurrenceStartDateTime datetime ncu Recurrence Start
RecurrenceEndDateOnly date ncu Recurrence End
RecurrenceTimeZoneSidKey picklist(40) ncur Recurrence Time Zone = time_zone
RecurrenceType picklist(40) ncur Recurrence Type = recurrence
RecurrenceInterval int ncu Recurrence Interval
RecurrenceDayOfWeekMask int ncu Recurrence Day of Week Mask
RecurrenceDayOfMonth int ncu Recurrence Day of Month
RecurrenceInstance picklist(40) ncur Recurrence Instance = instance
RecurrenceMonthOfYear picklist(40) ncur Recurrence Month of Year = month
ReminderDateTime datetime ncu Reminder Date/Time
IsReminderSet boolean cud Reminder Set
EventSubtype picklist(40) ncr Event Subtype = event_subtype
IsRecurrence2Exclusion boolean d Historical Event, Not Following Recurrence
Recurrence2PatternText textarea(512) nc Recurrence Pattern
Recurrence2PatternVersion picklist(40) nr Pattern Version = pattern_version
IsRecurrence2 boolean d Repeat
IsRecurrence2Exception boolean d Is Exception
Recurrence2PatternStartDate datetime n Recurrence Pattern Start Date
Recurrence2PatternTimeZone string(255) n Recurrence Pattern Time Zone Reference
""",
}
