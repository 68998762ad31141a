namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>The identity provider answers no one for twenty minutes on Thursday morning in Dublin; in Manila it is the afternoon.</summary>
internal static class Outage
{
    public static readonly DateTimeOffset Start = Calendar.At(Office.Dublin, Calendar.Thursday, 8.9);

    public static readonly DateTimeOffset End = Start.AddMinutes(20);

    public static bool Hits(Person person, DateTimeOffset at) => at >= Start && at < End && person.SignInMethod(at) == "saml";
}
