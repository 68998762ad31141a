namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>What a person does for the company; <see cref="Billing"/> is finance without Intercom, <see cref="Service"/> an account of a program.</summary>
internal enum Role
{
    Agent,
    Lead,
    Marketing,
    Sales,
    Product,
    Admin,
    Finance,
    Billing,
    Service,
    Contractor,
}
