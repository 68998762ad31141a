namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>A person, or an account of a program, with what does not change in the week.</summary>
internal sealed record Person(int Number, Role Role, Office Office, string Name, string Email)
{
    public long AdminId => 991_267_400 + Number;

    /// <summary>One in five never comes to an office.</summary>
    public bool IsRemote => Number % 5 == 3;

    /// <summary>One agent in seven works from Wednesday to Sunday.</summary>
    public bool HasWeekendShift => Role == Role.Agent && Number % 7 == 2;

    public bool UsesIntercom => Role is not Role.Billing;

    public bool UsesSequence => Role is Role.Finance or Role.Billing;

    /// <summary>How the person signs in: half by password; Google until it was forbidden, the rest by the identity provider.</summary>
    public string SignInMethod(DateTimeOffset at) => (Number % 20) switch
    {
        < 10 => "email_password",
        < 13 when at < Calendar.SsoEnforced => "google_oauth",
        _ => "saml",
    };

    public bool HasPassword => Number % 20 < 10;

    public bool UsedGoogle => Number % 20 is >= 10 and < 13;
}
