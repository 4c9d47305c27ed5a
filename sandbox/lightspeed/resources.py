"""THE TABLE of resources: keys, sorts, relations (facts: R-Series sections 5, 6 and 9; endpoint pages)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Relation:
    """What ``load_relations`` may ask for.

    Attributes:
        many: To-many costs twice as much as to-one.
        resource: Resource of the related rows; empty for what is kept inside the row itself.
        key: To-one: the row's foreign key. To-many: the related rows' foreign key.
    """

    many: bool
    resource: str = ""
    key: str = ""


@dataclass(frozen=True)
class Resource:
    """One resource of the API.

    Attributes:
        key: Field of its primary key.
        sorts: Other fields that may be sorted by.
        relations: What may be loaded with it.
        folder: Path before its name; most have none.
        hides: A flag whose rows come only when it is asked for.
    """

    key: str
    sorts: tuple[str, ...] = ()
    relations: dict[str, Relation] = field(default_factory=dict)
    folder: str = ""
    hides: str = ""


def _one(resource: str, key: str) -> Relation:
    return Relation(many=False, resource=resource, key=key)


def _many(resource: str, key: str) -> Relation:
    return Relation(many=True, resource=resource, key=key)


INSIDE = Relation(many=False)
INSIDE_MANY = Relation(many=True)

RESOURCES: dict[str, Resource] = {
    "Shop": Resource("shopID", relations={"Contact": INSIDE, "Registers": _many("Register", "shopID")}),
    "Register": Resource("registerID"),
    "Employee": Resource("employeeID", ("timeStamp",), {"Contact": INSIDE, "EmployeeRole": INSIDE}),
    "Customer": Resource(
        "customerID",
        ("timeStamp", "firstName", "lastName"),
        {
            "Contact": INSIDE,
            "CustomerType": _one("CustomerType", "customerTypeID"),
            "CreditAccount": _one("CreditAccount", "creditAccountID"),
            "Discount": _one("Discount", "discountID"),
            "TaxCategory": _one("TaxCategory", "taxCategoryID"),
            "Note": INSIDE,
            "Tags": INSIDE_MANY,
            "CustomFieldValues": INSIDE_MANY,
        },
    ),
    "CustomerType": Resource("customerTypeID"),
    "Item": Resource(
        "itemID",
        ("timeStamp", "description"),
        {
            "Category": _one("Category", "categoryID"),
            "TaxClass": _one("TaxClass", "taxClassID"),
            "Manufacturer": _one("Manufacturer", "manufacturerID"),
            "ItemShops": _many("ItemShop", "itemID"),
            "ItemAttributes": INSIDE,
            "Note": INSIDE,
            "CustomFieldValues": INSIDE_MANY,
            "TagRelations": INSIDE_MANY,
        },
    ),
    "ItemShop": Resource("itemShopID", ("timeStamp",)),
    "ItemMatrix": Resource(
        "itemMatrixID",
        ("timeStamp", "description"),
        {
            "Category": _one("Category", "categoryID"),
            "TaxClass": _one("TaxClass", "taxClassID"),
            "Manufacturer": _one("Manufacturer", "manufacturerID"),
            "ItemAttributeSet": _one("ItemAttributeSet", "itemAttributeSetID"),
            "Items": _many("Item", "itemMatrixID"),
        },
    ),
    "ItemAttributeSet": Resource("itemAttributeSetID"),
    "Category": Resource(
        "categoryID", ("timeStamp", "leftNode", "rightNode"), {"Parent": _one("Category", "parentID")}
    ),
    "Manufacturer": Resource("manufacturerID", ("timeStamp", "name")),
    "Vendor": Resource("vendorID", ("timeStamp", "name"), {"Contact": INSIDE}),
    "InventoryLog": Resource("inventoryLogID", ("itemID",)),
    "Sale": Resource(
        "saleID",
        ("timeStamp", "completeTime", "updatetime"),
        {
            "SaleLines": _many("SaleLine", "saleID"),
            "SalePayments": _many("SalePayment", "saleID"),
            "Customer": _one("Customer", "customerID"),
            "Discount": _one("Discount", "discountID"),
            "TaxCategory": _one("TaxCategory", "taxCategoryID"),
            "SaleNotes": INSIDE_MANY,
        },
    ),
    "SaleLine": Resource(
        "saleLineID",
        ("timeStamp", "saleID"),
        {
            "Item": _one("Item", "itemID"),
            "Discount": _one("Discount", "discountID"),
            "TaxClass": _one("TaxClass", "taxClassID"),
            "TaxCategory": _one("TaxCategory", "taxCategoryID"),
            "Note": INSIDE,
            "InventorySales": INSIDE_MANY,
        },
    ),
    "SalePayment": Resource(
        "salePaymentID",
        ("timeStamp", "saleID"),
        {"PaymentType": _one("PaymentType", "paymentTypeID"), "SaleAccounts": INSIDE_MANY, "CCCharge": INSIDE},
    ),
    "SaleVoid": Resource("saleVoidID", ("saleID",)),
    "PaymentType": Resource("paymentTypeID"),
    "CreditAccount": Resource("creditAccountID", ("timeStamp", "customerID"), {"Contact": INSIDE}, hides="giftCard"),
    "Discount": Resource("discountID", ("timeStamp",)),
    "TaxCategory": Resource("taxCategoryID", ("timeStamp",), {"TaxCategoryClasses": INSIDE_MANY}),
    "TaxClass": Resource("taxClassID", ("timeStamp",)),
    "PriceLevel": Resource("priceLevelID", ("name",)),
    "Quote": Resource("quoteID"),
    "Order": Resource(
        "orderID",
        ("timeStamp",),
        {
            "OrderLines": _many("OrderLine", "orderID"),
            "Note": INSIDE,
            "Vendor": _one("Vendor", "vendorID"),
            "Shop": _one("Shop", "shopID"),
            "CustomFieldValues": INSIDE_MANY,
        },
    ),
    "OrderLine": Resource("orderLineID", ("timeStamp", "orderID")),
    "SpecialOrder": Resource(
        "specialOrderID",
        ("timeStamp",),
        {"SaleLine": _one("SaleLine", "saleLineID"), "OrderLine": _one("OrderLine", "orderLineID")},
    ),
    "Workorder": Resource(
        "workorderID",
        ("timeStamp",),
        {
            "Customer": _one("Customer", "customerID"),
            "Employee": _one("Employee", "employeeID"),
            "Discount": _one("Discount", "discountID"),
            "WorkorderStatus": _one("WorkorderStatus", "workorderStatusID"),
            "WorkorderLines": _many("WorkorderLine", "workorderID"),
            "WorkorderItems": _many("WorkorderItem", "workorderID"),
        },
    ),
    "WorkorderItem": Resource(
        "workorderItemID", ("timeStamp", "workorderID", "saleID"), {"Discount": _one("Discount", "discountID")}
    ),
    "WorkorderLine": Resource(
        "workorderLineID",
        ("timeStamp", "workorderID", "saleID"),
        {"Discount": _one("Discount", "discountID"), "TaxClass": _one("TaxClass", "taxClassID")},
    ),
    "WorkorderStatus": Resource("workorderStatusID"),
    "Transfer": Resource(
        "transferID",
        ("timeStamp",),
        {"SendingShop": _one("Shop", "sendingShopID"), "ReceivingShop": _one("Shop", "receivingShopID")},
        folder="Inventory",
    ),
    "TransferItem": Resource("transferItemID", ("timeStamp", "transferID")),
    "RegisterCount": Resource(
        "registerCountID",
        relations={"RegisterCountAmounts": _many("RegisterCountAmount", "registerCountID")},
    ),
    "RegisterCountAmount": Resource(
        "registerCountAmountID",
        ("registerCountID",),
        {"PaymentType": _one("PaymentType", "paymentTypeID")},
    ),
}
WITHIN = {
    "CustomFieldValues": {"value": INSIDE},
    "ItemAttributes": {"ItemAttributeSet": _one("ItemAttributeSet", "itemAttributeSetID")},
}
"""What may be loaded with what is kept inside a row: the choice a custom field names, the names of attributes."""
ELEMENTS = {
    "Addresses": "ContactAddress",
    "Phones": "ContactPhone",
    "Emails": "ContactEmail",
    "Websites": "ContactWebsite",
    "Prices": "ItemPrice",
    "Tags": "Tag",
    "CustomFieldValues": "CustomFieldValue",
    "TagRelations": "TagRelation",
    "InventorySales": "InventorySale",
    "SaleAccounts": "SaleAccount",
    "SaleNotes": "SaleNote",
    "TaxCategoryClasses": "TaxCategoryClass",
}
"""What a list kept inside a row calls each of its elements."""


def walk(resource: str, path: str) -> tuple[Relation, bool] | None:
    """The relation at the end of ``A`` or ``A.B``, and whether it lies under a to-many; None when there is none."""
    relation: Relation | None = None
    under_many = False
    known = RESOURCES[resource].relations if resource in RESOURCES else {}
    for step in path.split("."):
        if relation is not None:
            under_many = under_many or relation.many
        relation = known.get(step)
        if relation is None:
            return None
        known = RESOURCES[relation.resource].relations if relation.resource else WITHIN.get(step, {})
    return (relation, under_many) if relation else None
