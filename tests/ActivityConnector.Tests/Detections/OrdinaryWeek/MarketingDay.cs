using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>What marketing and product change in Intercom; on the day of the release much goes live.</summary>
internal sealed class MarketingDay(int seed, Rota rota, IntercomPen pen)
{
    private static readonly string[] Titles =
        ["Welcome to Harbour Desk", "Your trial ends soon", "What is new in autumn", "Webinar: better inboxes", "Come back to us"];

    public void Write(Person person, int day)
    {
        if (rota.Of(person, day) is not { } shift) return;
        var draw = Draws.Of(seed, Draws.Marketing, person, day);
        var address = shift.Address;
        DateTimeOffset At(ref RandomStream d) => shift.Start.AddMinutes(d.Between(15, 480));

        if (person.Role == Role.Product)
        {
            if (draw.Chance(day == Calendar.Release ? 0.25 : 0.02))
                pen.Write(
                    At(ref draw), person, address, "help_center_settings_change", """{"before":{"enabled":true},"after":{"enabled":true}}""",
                    $"{person.Name} changed the help center.");
            return;
        }

        for (var i = draw.Runs(0.7, 12); i > 0; i--) WriteNamed(At(ref draw), person, address, "series_update", "updated the series", ref draw);
        if (draw.Chance(0.2)) WriteNamed(At(ref draw), person, address, "series_creation", "created the series", ref draw);
        if (draw.Chance(0.15)) WriteState(At(ref draw), person, address, "series_status_change", ref draw);
        if (draw.Chance(0.1)) WriteState(At(ref draw), person, address, "campaign_state_change", ref draw);
        if (draw.Chance(0.05)) WriteNamed(At(ref draw), person, address, "message_deletion", "deleted the message", ref draw);
        if (draw.Chance(0.08))
        {
            var at = At(ref draw);
            pen.Write(at, person, address, "csv_import_creation", """{"file_name":"leads.csv"}""", $"{person.Name} started an import.");
            pen.Write(
                at.AddSeconds(draw.Between(20, 400)), person, address, "csv_import_completion", $$"""{"count":{{draw.Between(20, 9_000)}},"failed":0}""",
                $"An import of {person.Name} ended.");
        }

        for (var i = draw.Runs(0.35, 5); i > 0; i--) WriteState(At(ref draw), person, address, "message_state_change", ref draw);
        if (day != Calendar.Release || !Plan.TakesPartInRelease(person)) return;

        var live = draw.Between(4, 10);
        for (var i = 0; i < live; i++)
            WriteState(
                Plan.ReleaseAt.AddMinutes(draw.Between(0, 100)), person, address, draw.Chance(0.8) ? "message_state_change" : "series_status_change", ref draw);
    }

    private void WriteNamed(DateTimeOffset at, Person person, string address, string type, string verb, ref RandomStream draw)
    {
        var title = draw.Of(Titles);
        pen.Write(at, person, address, type, $$"""{"id":{{draw.Between(1_000, 9_999)}},"name":"{{title}}"}""", $"{person.Name} {verb} {title}.");
    }

    private void WriteState(DateTimeOffset at, Person person, string address, string type, ref RandomStream draw)
    {
        var title = draw.Of(Titles);
        var (before, after) = draw.Chance(0.7) ? ("draft", "live") : ("live", "paused");
        var metadata = $$"""
            {"message":{"id":{{draw.Between(1_000, 9_999)}},"title":"{{title}}"},"before":"{{before}}","after":"{{after}}"}
            """;
        pen.Write(at, person, address, type, metadata, $"{person.Name} changed {title} from {before} to {after}.");
    }
}
