using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>A teammate's day in Intercom: signing in, breaks, work and going home.</summary>
internal sealed class TeammateDay(int seed, Company company, Rota rota, Plan plan, IntercomPen pen)
{
    private static readonly string[] ShortBreaks = ["😌 On a break", "📅 In a meeting", "🎯 Focus time", "😌 On a break"];

    private static readonly string[] Topics = ["Refunds", "Delivery", "Bug report", "Login trouble", "Feature request", "Invoice question"];

    private readonly SignIns _signIns = new(pen, plan.HasOutage);

    /// <summary>Writes the day; of a day of the history only how the person signed in.</summary>
    public void Write(Person person, int day, bool history)
    {
        if (rota.Of(person, day) is not { } shift) return;
        var draw = Draws.Of(seed, Draws.Support, person, day);
        var start = shift.Start;
        var isBusy = person.Role is Role.Agent or Role.Lead;
        // A session lasts for days where the work is light.
        if (plan.MustSignIn(person, day) || draw.Chance(isBusy ? 0.9 : 0.45))
            start = _signIns.Write(person, day, start, shift.Address, !plan.HasTrouble(person, day), ref draw);
        SignInAgain(person, day, shift, ref draw);
        if (history) return;

        if (isBusy) WriteShift(person, shift, start, ref draw);
        else WriteLightDay(person, shift, start, ref draw);
        if (draw.Chance(isBusy ? 0.5 : 0.1))
            pen.Write(shift.End.AddSeconds(draw.Between(5, 200)), person, shift.Address, "admin_logout", "null", $"{person.Name} logged out.");
        if (person.Role == Role.Lead) LeadTeam(person, shift, ref draw);
        if (isBusy) TidyUp(person, shift, ref draw);
    }

    private static string Away(Person person, bool away, string reason, bool automatic) => $$"""
        {"away_mode":{{(away ? "true" : "false")}},"away_status_reason":"{{reason}}","reassign_conversations":false,
        "source":"admin update from web - Admin id: {{person.AdminId}}",
        "auto_changed":"{{(automatic ? "true" : "false")}}","update_by":{{person.AdminId}},"update_by_name":"{{person.Name}}"}
        """;

    private static DateTimeOffset Within(Shift shift, ref RandomStream draw) =>
        shift.Start.AddSeconds(draw.Between(600, (int)(shift.End - shift.Start).TotalSeconds - 60));

    // On another computer, after the session ended, or on the telephone on the way home.
    private void SignInAgain(Person person, int day, Shift shift, ref RandomStream draw)
    {
        if (draw.Chance(0.12)) _signIns.Write(person, day, Within(shift, ref draw), shift.Address, true, ref draw);
        if (draw.Chance(person.Role is Role.Sales or Role.Lead or Role.Admin ? 0.15 : 0.04))
            _signIns.Write(person, day, shift.End.AddMinutes(draw.Between(10, 120)), Rota.Mobile(person, ref draw), true, ref draw);
        if (draw.Chance(0.05)) _signIns.Write(person, day, shift.End.AddMinutes(draw.Between(60, 200)), rota.Home(person, day), true, ref draw);
    }

    private void WriteShift(Person person, Shift shift, DateTimeOffset start, ref RandomStream draw)
    {
        SetAway(person, shift, start.AddSeconds(draw.Between(20, 90)), false, "", automatic: false);
        var now = start.AddMinutes(2);
        foreach (var hour in (ReadOnlySpan<double>)[1.6, 2.6, 4.0, 5.4, 6.4, 7.3])
        {
            var isLunch = hour == 4.0;
            if (!isLunch && draw.Chance(0.25)) continue;
            var from = shift.Start.AddHours(hour).AddMinutes(draw.Between(-20, 20));
            if (from <= now) continue;
            Work(person, shift, now, from, ref draw);
            var automatic = !isLunch && draw.Chance(0.2);
            SetAway(person, shift, from, true, isLunch ? "🍽️ At lunch" : automatic ? "" : draw.Of(ShortBreaks), automatic);
            now = from.AddSeconds(isLunch ? draw.Between(1_700, 3_700) : draw.Between(240, 1_300));
            SetAway(person, shift, now, false, "", automatic: false);
        }

        Work(person, shift, now, shift.End, ref draw);
        SetAway(person, shift, shift.End, true, "Done for the day", automatic: false);
    }

    private void SetAway(Person person, Shift shift, DateTimeOffset at, bool away, string reason, bool automatic) =>
        pen.Write(at, person, shift.Address, "admin_away_mode_change", Away(person, away, reason, automatic), $"{person.Name} changed their away mode.");

    private void Work(Person person, Shift shift, DateTimeOffset from, DateTimeOffset until, ref RandomStream draw)
    {
        var occupied = true;
        for (var now = from.AddSeconds(draw.Between(30, 200)); now < until; now = now.AddSeconds(draw.Between(90, 560)))
        {
            Occupy(person, shift, now, occupied);
            occupied = !occupied;
        }
    }

    private void Occupy(Person person, Shift shift, DateTimeOffset at, bool occupied)
    {
        var (before, after) = occupied ? ("idle", "occupied") : ("occupied", "idle");
        var active = at.ToUnixTimeSeconds() - (occupied ? 1 : 300);
        var metadata = $$"""
            {"previous_state":"{{before}}","new_state":"{{after}}","threshold_minutes":5,"last_activity_at":{{active}},"auto":true}
            """;
        pen.Write(at, person, shift.Address, "admin_occupancy_state_change", metadata, $"{person.Name} became {after}.");
    }

    private void WriteLightDay(Person person, Shift shift, DateTimeOffset start, ref RandomStream draw)
    {
        var visits = draw.Between(1, 5);
        for (var i = 0; i < visits; i++)
        {
            var at = Within(shift, ref draw);
            if (at < start) continue;
            Occupy(person, shift, at, true);
            Occupy(person, shift, at.AddMinutes(draw.Between(5, 25)), false);
        }

        if (draw.Chance(0.3))
        {
            var at = shift.Start.AddMinutes(draw.Between(190, 270));
            SetAway(person, shift, at, true, "🍽️ At lunch", automatic: false);
            SetAway(person, shift, at.AddMinutes(draw.Between(30, 65)), false, "", automatic: false);
        }
    }

    private void LeadTeam(Person person, Shift shift, ref RandomStream draw)
    {
        for (var i = draw.Runs(0.5, 6); i > 0; i--)
        {
            var (agent, limit) = (draw.Of(company.People), draw.Between(4, 30));
            var type = draw.Chance(0.5) ? "conversation" : "ticket";
            var metadata = $$$"""
                {"{{{type}}}_assignment_limit":{{{limit}}},"admin":{"id":{{{agent.AdminId}}},"name":"{{{agent.Name}}}"}}
                """;
            pen.Write(
                Within(shift, ref draw), person, shift.Address, $"admin_{type}_assignment_limit_change", metadata,
                $"{person.Name} changed the {type} limit of {agent.Name}.");
        }

        for (var i = draw.Runs(0.4, 5); i > 0; i--) ChangeMacro(person, shift, ref draw);
        if (draw.Chance(0.05))
        {
            var (before, after) = (draw.Of(Topics), draw.Of(Topics));
            pen.Write(
                Within(shift, ref draw), person, shift.Address, "conversation_topic_change", $$"""{"before":"{{before}}","after":"{{after}}"}""",
                $"{person.Name} changed a topic.");
        }

        if (draw.Chance(0.04))
            pen.Write(
                Within(shift, ref draw), person, shift.Address, "temporary_expectation_change", """{"enabled":true}""",
                $"{person.Name} changed the temporary expectation.");
    }

    private void ChangeMacro(Person person, Shift shift, ref RandomStream draw)
    {
        var (type, verb) = draw.Below(10) switch
        {
            < 3 => ("macro_creation", "created"),
            3 => ("macro_deletion", "deleted"),
            _ => ("macro_update", "updated"),
        };
        var metadata = $$$"""
            {"macro":{"id":{{{draw.Between(10_000, 99_999)}}},"name":"{{{draw.Of(Topics)}}}"}}
            """;
        pen.Write(Within(shift, ref draw), person, shift.Address, type, metadata, $"{person.Name} {verb} a macro.");
    }

    // Customers paste what does not belong into a conversation, and agents see it.
    private void TidyUp(Person person, Shift shift, ref RandomStream draw)
    {
        if (draw.Chance(0.03)) ChangeMacro(person, shift, ref draw);
        if (!draw.Chance(0.02)) return;
        var conversation = draw.Between(1_000_000, 9_000_000);
        var at = Within(shift, ref draw);
        for (var i = draw.Runs(0.3, 5); i >= 0; i--)
        {
            at = at.AddSeconds(draw.Between(10, 60));
            var metadata = $$"""
                {"conversation_id":"{{conversation}}","conversation_part_id":"{{draw.Between(10_000_000, 90_000_000)}}"}
                """;
            pen.Write(at, person, shift.Address, "conversation_part_deletion", metadata, $"{person.Name} deleted a part of a conversation.");
        }
    }
}
