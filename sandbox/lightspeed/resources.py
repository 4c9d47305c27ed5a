"""THE TABLE of resources: keys, sorts, relations.

Source: docs/vendors/lightspeed-r-series.md, resources, cursors, relations.
"""

from __future__ import annotations

from sandbox.lightspeed.schema import ANYBODY, INSIDE, INSIDE_MANY, READERS, REGISTER, Relation, Resource, many, one

RESOURCES: dict[str, Resource] = {
    "Shop": Resource(
        "shopID",
        relations={
            "Contact": INSIDE,
            "ReceiptSetup": INSIDE,
            "TaxCategory": one("TaxCategory", "taxCategoryID"),
            "ShelfLocations": INSIDE_MANY,
            "Registers": many("Register", "shopID"),
            "CCGateway": INSIDE,
            "PriceLevel": one("PriceLevel", "priceLevelID"),
        },
        scopes=ANYBODY,
        reads=READERS,
    ),
    "Register": Resource("registerID", scopes=ANYBODY, reads=READERS),
    "Employee": Resource(
        "employeeID",
        ("timeStamp",),
        {"Contact": INSIDE, "EmployeeRole": INSIDE, "EmployeeRights": INSIDE_MANY},
        ("EmployeeRole.EmployeeRights",),
    ),
    "Customer": Resource(
        "customerID",
        ("timeStamp", "firstName", "lastName"),
        {
            "Contact": INSIDE,
            "CustomerType": one("CustomerType", "customerTypeID"),
            "CreditAccount": one("CreditAccount", "creditAccountID"),
            "Discount": one("Discount", "discountID"),
            "TaxCategory": one("TaxCategory", "taxCategoryID"),
            "Note": INSIDE,
            "Tags": INSIDE_MANY,
            "CustomFieldValues": INSIDE_MANY,
        },
        ("CustomFieldValues.value",),
        nested_only=("contactID", "noteID", "employeeID", "measurementID"),
        scopes=ANYBODY,
        reads=READERS,
    ),
    "CustomerType": Resource(
        "customerTypeID",
        relations={"Discount": one("Discount", "discountID"), "TaxCategory": one("TaxCategory", "taxCategoryID")},
        deeper=("TaxCategory.TaxCategoryClasses", "TaxCategory.TaxCategoryClasses.TaxClass"),
        scopes=("customers",),
        reads=("customers_read",),
    ),
    "Item": Resource(
        "itemID",
        ("timeStamp", "description"),
        {
            "Category": one("Category", "categoryID"),
            "TaxClass": one("TaxClass", "taxClassID"),
            "ItemAttributes": INSIDE,
            "Manufacturer": one("Manufacturer", "manufacturerID"),
            "Note": INSIDE,
            "Images": INSIDE_MANY,
            "ItemShops": many("ItemShop", "itemID"),
            "ItemVendorNums": INSIDE_MANY,
            "ItemComponents": INSIDE_MANY,
            "ItemECommerce": INSIDE,
            "TagRelations": INSIDE_MANY,
            "CustomFieldValues": INSIDE_MANY,
            "ItemPrices": INSIDE_MANY,
        },
        ("ItemAttributes.ItemAttributeSet", "TagRelations.Tag", "CustomFieldValues.value"),
        scopes=(*REGISTER, "product_cost", "reports", "workbench", "customers", "admin"),
        reads=READERS,
    ),
    "ItemShop": Resource("itemShopID", ("timeStamp",), scopes=("inventory", "inventory_read", "product_cost")),
    "ItemMatrix": Resource(
        "itemMatrixID",
        ("timeStamp", "description"),
        {
            "Category": one("Category", "categoryID"),
            "TaxClass": one("TaxClass", "taxClassID"),
            "Department": INSIDE,
            "ItemAttributeSet": one("ItemAttributeSet", "itemAttributeSetID"),
            "Manufacturer": one("Manufacturer", "manufacturerID"),
            "Season": INSIDE,
            "Images": INSIDE_MANY,
            "Items": many("Item", "itemMatrixID"),
            "ItemECommerce": INSIDE,
            "TagRelations": INSIDE_MANY,
        },
        ("TagRelations.Tag",),
        scopes=("product_cost",),
        reads=("inventory_read",),
    ),
    "ItemAttributeSet": Resource("itemAttributeSetID", scopes=("inventory_base",), reads=("inventory_read",)),
    "Category": Resource("categoryID", ("timeStamp", "leftNode", "rightNode"), {"Parent": one("Category", "parentID")}),
    "Manufacturer": Resource("manufacturerID", ("timeStamp", "name")),
    "Vendor": Resource("vendorID", ("timeStamp", "name"), {"Contact": INSIDE}),
    "InventoryLog": Resource("inventoryLogID", ("itemID",), scopes=("inventory_log", "product_cost", "all_read")),
    "Sale": Resource(
        "saleID",
        ("timeStamp", "completeTime", "updatetime"),
        {
            "SaleLines": many("SaleLine", "saleID"),
            "SaleNotes": INSIDE_MANY,  # the price of a list, and the form of an object: a printed note, an internal one
            "SalePayments": many("SalePayment", "saleID"),
            "ShipTo": INSIDE,
            "Customer": one("Customer", "customerID"),
            "Discount": one("Discount", "discountID"),
            "TaxCategory": one("TaxCategory", "taxCategoryID"),
            "Quote": one("Quote", "quoteID"),
        },
        (
            "SaleLines.Discount",
            "SaleLines.TaxClass",
            "SaleLines.Note",
            "SaleLines.Item",
            "SaleLines.InventorySales",
            "SalePayments.PaymentType",
            "SalePayments.CCCharge",
            "SalePayments.SaleAccounts",
            "SalePayments.Signatures",
            "ShipTo.Contact",
            "Customer.Contact",
            "TaxCategory.TaxCategoryClasses",
        ),
        scopes=REGISTER,
        reads=("register_read",),
    ),
    "SaleLine": Resource(
        "saleLineID",
        ("timeStamp", "saleID"),
        {
            "Item": one("Item", "itemID"),
            "Discount": one("Discount", "discountID"),
            "TaxClass": one("TaxClass", "taxClassID"),
            "TaxCategory": one("TaxCategory", "taxCategoryID"),
            "Note": INSIDE,
            "InventorySales": INSIDE_MANY,
        },
        scopes=REGISTER,
        reads=("register_read",),
    ),
    "SalePayment": Resource(
        "salePaymentID",
        ("timeStamp", "saleID"),
        {
            "PaymentType": one("PaymentType", "paymentTypeID"),
            "CCCharge": INSIDE,
            "SaleAccounts": INSIDE_MANY,
            "Signatures": INSIDE_MANY,
            "ProcessingFees": INSIDE_MANY,
        },
        scopes=REGISTER,
        reads=("register_read",),
    ),
    "SaleVoid": Resource("saleVoidID", ("saleID",), scopes=("admin_void_sale",)),
    "PaymentType": Resource("paymentTypeID", scopes=ANYBODY, reads=READERS),
    "CreditAccount": Resource(
        "creditAccountID",
        ("timeStamp", "customerID"),
        {"Contact": INSIDE, "WithdrawalPayments": many("SalePayment", "creditAccountID")},
        hides="giftCard",
        scopes=("customers", "customers_view_gift_card_numbers"),
        reads=("customers_read",),
    ),
    "Discount": Resource("discountID", ("timeStamp",)),
    "TaxCategory": Resource(
        "taxCategoryID",
        ("timeStamp",),
        {"TaxCategoryClasses": INSIDE_MANY},
        ("TaxCategoryClasses.TaxClass",),
    ),
    "TaxClass": Resource("taxClassID", ("timeStamp",)),
    "PriceLevel": Resource("priceLevelID", ("name",)),
    "Quote": Resource("quoteID", scopes=("customers",), reads=("customers_read",)),
    "Order": Resource(
        "orderID",
        ("timeStamp",),
        {
            "OrderLines": many("OrderLine", "orderID"),
            "Note": INSIDE,
            "Vendor": one("Vendor", "vendorID"),
            "Shop": one("Shop", "shopID"),
            "CustomFieldValues": INSIDE_MANY,
        },
        ("CustomFieldValues.value",),
        scopes=("purchase_orders",),
    ),
    "Shipment": Resource(
        "orderShipmentID",
        ("paymentDueDate", "sequenceNumber"),
        {
            "Employee": one("Employee", "employeeID"),
            "Order": one("Order", "orderID"),
            "OrderShipmentItems": INSIDE_MANY,
        },
        element="OrderShipment",
        scopes=("purchase_orders",),
    ),
    "OrderLine": Resource("orderLineID", ("timeStamp", "orderID"), scopes=("purchase_orders",)),
    "SpecialOrder": Resource(
        "specialOrderID",
        ("timeStamp",),
        {"SaleLine": one("SaleLine", "saleLineID"), "OrderLine": one("OrderLine", "orderLineID")},
        (
            "SaleLine.Item",
            "SaleLine.Item.Note",
            "SaleLine.Note",
            "SaleLine.Discount",
            "SaleLine.TaxClass",
            "SaleLine.TaxCategory",
        ),
        scopes=("special_orders",),
    ),
    "Workorder": Resource(
        "workorderID",
        ("timeStamp",),
        {
            "Customer": one("Customer", "customerID"),
            "Employee": one("Employee", "employeeID"),
            "Serialized": INSIDE,
            "Discount": one("Discount", "discountID"),
            "WorkorderStatus": one("WorkorderStatus", "workorderStatusID"),
            "WorkorderLines": many("WorkorderLine", "workorderID"),
            "WorkorderItems": many("WorkorderItem", "workorderID"),
            "Images": INSIDE_MANY,
        },
        ("WorkorderLines.Discount", "WorkorderLines.TaxClass", "WorkorderItems.Discount"),
        scopes=("workbench",),
    ),
    "WorkorderItem": Resource(
        "workorderItemID",
        ("timeStamp", "workorderID", "saleID"),
        {"Discount": one("Discount", "discountID")},
        scopes=("workbench",),
    ),
    "WorkorderLine": Resource(
        "workorderLineID",
        ("timeStamp", "workorderID", "saleID"),
        {"Discount": one("Discount", "discountID"), "TaxClass": one("TaxClass", "taxClassID")},
        scopes=("workbench",),
    ),
    "WorkorderStatus": Resource("workorderStatusID", scopes=("workbench",)),
    "Transfer": Resource(
        "transferID",
        ("timeStamp",),
        {
            "SendingShop": one("Shop", "sendingShopID"),
            "CreatedByEmployee": one("Employee", "createdByEmployeeID"),
            "SentByEmployee": one("Employee", "sentByEmployeeID"),
            "ReceivingShop": one("Shop", "receivingShopID"),
            "TransferItems": many("TransferItem", "transferID"),
        },
        (
            "SendingShop.Contact",
            "CreatedByEmployee.Contact",
            "SentByEmployee.Contact",
            "ReceivingShop.Contact",
        ),
        folder="Inventory",
        scopes=("transfers",),
    ),
    "TransferItem": Resource("transferItemID", ("timeStamp", "transferID"), scopes=("transfers",)),
    "RegisterCount": Resource(
        "registerCountID",
        relations={"RegisterCountAmounts": many("RegisterCountAmount", "registerCountID")},
        deeper=("RegisterCountAmounts.PaymentType",),
        scopes=("register",),
        reads=("register_read",),
    ),
    "RegisterCountAmount": Resource(
        "registerCountAmountID",
        ("registerCountID",),
        {"PaymentType": one("PaymentType", "paymentTypeID")},
        scopes=("register",),
        reads=("register_read",),
    ),
}
WITHIN = {
    "CustomFieldValues": {"value": INSIDE},
    "ItemAttributes": {"ItemAttributeSet": one("ItemAttributeSet", "itemAttributeSetID")},
    "TagRelations": {"Tag": INSIDE},
    "TaxCategoryClasses": {"TaxClass": one("TaxClass", "taxClassID")},
    "EmployeeRole": {"EmployeeRights": INSIDE_MANY},
    "ShipTo": {"Contact": INSIDE},
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
    "TaxCategoryClasses": "TaxCategoryClass",
    "EmployeeRights": "EmployeeRight",
    "Images": "Image",
    "ItemComponents": "ItemComponent",
    "ItemPrices": "ItemPrice",
    "ItemVendorNums": "ItemVendorNum",
    "OrderShipmentItems": "OrderShipmentItem",
    "ProcessingFees": "ProcessingFee",
    "ShelfLocations": "ShelfLocation",
    "Signatures": "SalePaymentSignature",
}
"""What a list kept inside a row calls each of its elements."""


def walk(resource: str, path: str) -> tuple[Relation, bool] | None:
    """The relation at the end of ``A`` or ``A.B``, and whether it lies under a to-many; None when its page has none."""
    if path not in RESOURCES[resource].paths:
        return None
    known, under_many = RESOURCES[resource].relations, False
    *way, last = path.split(".")
    for step in way:
        relation = known[step]
        under_many = under_many or relation.many
        known = RESOURCES[relation.resource].relations if relation.resource else WITHIN[step]
    return known[last], under_many
