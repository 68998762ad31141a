namespace ActivityConnector.Simulation.Sequence;

/// <summary>What happens to what in generated logs, and how often. The contract has no list: these are the operations of the vendor's API.</summary>
internal static class SequenceTypes
{
    public static readonly (string Verb, string Entity, int Weight)[] All =
    [
        ("CREATED", "INVOICE", 300), ("UPDATED", "INVOICE", 160), ("FINALIZED", "INVOICE", 120), ("ISSUED", "INVOICE", 110), ("SENT", "INVOICE", 150),
        ("PAID", "INVOICE", 90), ("VOIDED", "INVOICE", 12), ("DELETED", "INVOICE", 5), ("ARCHIVED", "INVOICE", 5), ("MERGED", "INVOICE", 3),
        ("DOWNLOADED", "INVOICE", 40), ("REMINDER_SENT", "INVOICE", 30), ("SENT", "INVOICE_REMINDER", 20), ("CREATED", "CREDIT_NOTE", 12),
        ("UPDATED", "CREDIT_NOTE", 6), ("ISSUED", "CREDIT_NOTE", 8), ("CREATED", "CREDIT_GRANT", 4), ("DELETED", "CREDIT_GRANT", 1),
        ("CREATED", "CUSTOMER", 60), ("UPDATED", "CUSTOMER", 90), ("ARCHIVED", "CUSTOMER", 8), ("DELETED", "CUSTOMER", 1), ("PUBLISHED", "QUOTE", 20),
        ("ACCEPTED", "QUOTE", 14), ("SIGNED", "QUOTE", 10), ("EXECUTED", "QUOTE", 10), ("CREATED", "BILLING_SCHEDULE", 40),
        ("UPDATED", "BILLING_SCHEDULE", 35), ("ACTIVATED", "BILLING_SCHEDULE", 20), ("ARCHIVED", "BILLING_SCHEDULE", 5), ("DELETED", "BILLING_SCHEDULE", 1),
        ("UPDATED", "MERCHANT", 2), ("CREATED", "MERCHANT_CUSTOM_FIELDS", 2), ("UPDATED", "MERCHANT_CUSTOM_FIELDS", 2),
        ("COMPLETED", "INTEGRATION_SYNC", 150), ("SYNC_COMPLETED", "INTEGRATION", 50), ("HANDLED", "INTEGRATION_WEBHOOK", 120),
        ("CREATED", "INTEGRATION", 2), ("UPDATED", "INTEGRATION", 3), ("DELETED", "INTEGRATION", 1), ("CREATED", "PRICE", 12), ("UPDATED", "PRICE", 10),
        ("ARCHIVED", "PRICE", 3), ("CREATED", "PRODUCT", 8), ("UPDATED", "PRODUCT", 6), ("CREATED", "USAGE_METRIC", 2), ("CREATED", "USAGE_EVENT", 200),
        ("CREATED", "TAX_RATE", 1), ("UPDATED", "TAX_RATE", 1), ("CREATED", "TAX_CATEGORY", 1), ("INVITED", "USER", 4), ("CREATED", "SEQUENCE_USER", 4),
        ("UPDATED", "SEQUENCE_USER", 5), ("DEACTIVATED", "SEQUENCE_USER", 2), ("ARCHIVED", "USER", 1), ("CREATED", "ROLE", 1), ("UPDATED", "ROLE", 2),
        ("CREATED", "NOTIFICATION_POLICY", 2), ("UPDATED", "NOTIFICATION_POLICY", 2), ("ASSIGNED", "WATCHTOWER_TASK", 15), ("SENT", "NOTIFICATION", 80),
        ("ROTATED", "API_KEY", 1), ("CREATED", "API_KEY", 2), ("LOGGED_IN", "USER", 60),
    ];

    public static readonly string[] ActivityTypes = ["NOTIFICATION", "INVOICING", "CUSTOMERS", "BILLING", "NOTIFICATION", "INTEGRATIONS"];

    public static readonly string[] Origins = ["API", "API", "DASHBOARD", "DASHBOARD", "SYSTEM", "INTEGRATION"];

    public static readonly string[] ActorTypes = ["USER", "USER", "USER", "API_KEY", "SYSTEM"];

    public static readonly string[] Reasons = ["New billing cycle started", "Requested by the customer", "Scheduled", "Korrektur: Rabatt ≥ 10 %"];

    /// <summary>Metadata arrays; the contract leaves their items open.</summary>
    public static readonly string[] Metadata =
    [
        "[]", "[]", "[]", "[]",
        """[{"key":"invoiceNumber","value":"INV-2026-0042"}]""",
        """[{"key":"amount","value":"1200.50"},{"key":"currency","value":"EUR"}]""",
        """["automatic",3,true,null]""",
        """[{"before":{"status":"DRAFT"},"after":{"status":"FINAL","lines":[{"price":"9.99","quantity":3}]}}]""",
        """[{"key":"note","value":"Zahlung für \"März\" \u2026"}]""",
    ];
}
