using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>How people get in: mostly at once, sometimes after a mistyped password, and hardly during the outage.</summary>
/// <param name="hasOutage">Whether the week has the outage.</param>
internal sealed class SignIns(IntercomPen pen, bool hasOutage)
{
    /// <summary>Writes the attempts and the success, and says when the success was.</summary>
    public DateTimeOffset Write(Person person, int day, DateTimeOffset at, string address, bool mistypes, ref RandomStream draw)
    {
        if (hasOutage && Outage.Hits(person, at))
            at = TryOtherWays(person, at, address, ref draw);
        else if (mistypes && person.HasPassword && draw.Chance(Calendar.DayOfWeek(day) == 0 ? 0.05 : 0.03))
            Mistype(person, at, address, ref draw);
        Succeed(person, at, address);
        return at;
    }

    public void Succeed(Person person, DateTimeOffset at, string address) =>
        pen.Write(at, person, address, "admin_login_success", Method(person.SignInMethod(at)), $"{person.Name} successfully logged in.");

    public void Fail(Person person, DateTimeOffset at, string address, string method = "email_password") =>
        pen.Write(at, person, address, "admin_login_failure", Method(method), $"{person.Name} failed to log in.");

    /// <summary>Most understand it at once, and some try again.</summary>
    public void RefuseAgain(Person person, DateTimeOffset at, string address, ref RandomStream draw)
    {
        var attempts = 1 + draw.Runs(0.3, 4);
        for (var i = 0; i < attempts; i++)
        {
            Refuse(person, at, address, "google_oauth");
            at = at.AddSeconds(draw.Between(10, 60));
        }
    }

    private void Refuse(Person person, DateTimeOffset at, string address, string method) =>
        pen.Write(
            at, person, address, "admin_unauthorized_sign_in_method", Method(method), $"{person.Name} tried a sign in method that is not allowed.");

    private static string Method(string method) => $$"""{"sign_in_method":"{{method}}"}""";

    private void Mistype(Person person, DateTimeOffset at, string address, ref RandomStream draw)
    {
        var failures = 1 + draw.Runs(0.3, 2);
        for (var i = 0; i < failures; i++)
        {
            at = at.AddSeconds(-draw.Between(6, 25));
            Fail(person, at, address);
        }
    }

    // Most try a password several times, though they have none, and some try what they used before.
    private DateTimeOffset TryOtherWays(Person person, DateTimeOffset at, string address, ref RandomStream draw)
    {
        if (draw.Chance(0.7))
        {
            var attempts = draw.Between(1, 4);
            for (var i = 0; i < attempts; i++) Fail(person, at.AddSeconds(12 + (i * draw.Between(15, 40))), address);
        }

        if (draw.Chance(0.4)) RefuseAgain(person, at.AddSeconds(draw.Between(150, 240)), address, ref draw);
        return Outage.End.AddSeconds(draw.Between(20, 1_200));
    }
}
