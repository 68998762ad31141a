using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>A person, or an account of a program, with what does not change in the week.</summary>
internal sealed record Person(int Number, Role Role, Office Office, string Name, string Email)
{
    public long AdminId => 991_267_400 + Number;

    /// <summary>One in five never comes to an office.</summary>
    public bool IsRemote => Trait(1, 5) == 0;

    /// <summary>One agent in seven works from Wednesday to Sunday.</summary>
    public bool HasWeekendShift => Role == Role.Agent && Trait(2, 7) == 0;

    /// <summary>The local hour at which the person's day begins: support has an early and a late shift.</summary>
    public int FirstHour => Role != Role.Agent ? 9 : Trait(3, 4) switch { 0 => 7, 1 => 13, _ => 9 };

    /// <summary>One line at home in three changes its address every few days.</summary>
    public bool HasChangingLine => Trait(4, 3) == 0;

    /// <summary>One line at home in twenty has IPv6.</summary>
    public bool HasIPv6 => Trait(5, 20) == 0;

    public bool UsesIntercom => Role is not Role.Billing;

    public bool UsesSequence => Role is Role.Finance or Role.Billing;

    public bool HasPassword => Trait(6, 20) < 10;

    public bool UsedGoogle => Trait(6, 20) is >= 10 and < 13;

    /// <summary>How the person signs in: half by password; Google until it was forbidden, the rest by the identity provider.</summary>
    public string SignInMethod(DateTimeOffset at) =>
        HasPassword ? "email_password" : UsedGoogle && at < Calendar.SsoEnforced ? "google_oauth" : "saml";

    private int Trait(int question, int answers) => new RandomStream(question, Draws.Traits, Number).Below(answers);
}
