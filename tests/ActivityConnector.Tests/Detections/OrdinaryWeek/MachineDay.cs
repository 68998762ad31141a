using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>What programs do in Sequence in a day of UTC: billing, payments, reminders, synchronisation and, for the rest of the events, usage.</summary>
internal sealed class MachineDay(int seed, Company company, SequencePen pen, Diary diary)
{
    // Usage by the hour of the day: it follows those who use the product.
    private static readonly byte[] Hours =
    [
        .. new[] { 3, 3, 3, 3, 3, 4, 5, 7, 9, 9, 8, 8, 8, 10, 11, 11, 10, 9, 8, 6, 5, 4, 4, 3 }
            .SelectMany((weight, hour) => Enumerable.Repeat((byte)hour, weight)),
    ];

    public void Write(int day)
    {
        var draw = new RandomStream(seed, Draws.Machines, day);
        var midnight = Calendar.Monday.AddDays(day);
        RunBilling(midnight.AddHours(1), day, ref draw);
        Collect(midnight, ref draw);
        Synchronise(midnight, ref draw);
    }

    /// <summary>Each program's one trace of a day of the history.</summary>
    public void WriteHistory(int day)
    {
        var at = Calendar.Monday.AddDays(day).AddHours(1);
        pen.Write(at, SequenceActor.Invoicing, new SequenceItem("CREATED", "INVOICE", day + 100));
        pen.Write(at.AddMinutes(1), SequenceActor.Metering, new SequenceItem("CREATED", "USAGE_EVENT", day + 100));
        pen.Write(at.AddMinutes(2), SequenceActor.System, new SequenceItem("SENT", "NOTIFICATION", day + 100));
        pen.Write(at.AddMinutes(3), SequenceActor.Integration, new SequenceItem("COMPLETED", "INTEGRATION_SYNC", 1));
    }

    /// <summary>Usage until the diary has so many events.</summary>
    public void ReportUsage(int day, int untilEvents)
    {
        var draw = new RandomStream(seed, Draws.Machines, day + 1_000);
        var midnight = Calendar.Monday.AddDays(day);
        while (diary.Events < untilEvents)
        {
            var count = Math.Min(untilEvents - diary.Events, draw.Chance(0.85) ? 1 : draw.Between(2, 4));
            var items = new SequenceItem[count];
            for (var i = 0; i < count; i++) items[i] = new("CREATED", "USAGE_EVENT", draw.Below(company.Size.Customers * 20));
            pen.Write(midnight.AddHours(Hours[draw.Below(Hours.Length)]).AddMilliseconds(draw.Below(3_600_000)), SequenceActor.Metering, items);
        }
    }

    // A few invoices every night; most of them in the night after the end of the month.
    private void RunBilling(DateTimeOffset at, int day, ref RandomStream draw)
    {
        var invoices = day == Calendar.MonthEnd + 1 ? company.Size.Customers * 7 / 10 : company.Size.Customers / 120;
        for (var i = 0; i < invoices; i++)
        {
            var number = ((day + 100) * 20_000) + i;
            at = at.AddMilliseconds(draw.Between(300, 2_500));
            pen.Write(at, SequenceActor.Invoicing, new SequenceItem("CREATED", "INVOICE", number, "New billing cycle started"));
            pen.Write(at.AddSeconds(2), SequenceActor.Invoicing, new("FINALIZED", "INVOICE", number), new("ISSUED", "INVOICE", number));
            pen.Write(at.AddSeconds(5), SequenceActor.Invoicing, new SequenceItem("SENT", "INVOICE", number));
            pen.Write(at.AddSeconds(6), SequenceActor.System, new SequenceItem("SENT", "NOTIFICATION", number));
        }
    }

    private void Collect(DateTimeOffset midnight, ref RandomStream draw)
    {
        for (var i = company.Size.Customers / 25; i > 0; i--)
            pen.Write(midnight.AddMilliseconds(draw.Below(86_400_000)), SequenceActor.Integration, new SequenceItem("PAID", "INVOICE", draw.Below(1_000_000)));
        for (var i = company.Size.Customers / 40; i > 0; i--)
            pen.Write(
                midnight.AddHours(9).AddSeconds(draw.Below(900)), SequenceActor.System, new SequenceItem("REMINDER_SENT", "INVOICE", draw.Below(1_000_000)));
    }

    private void Synchronise(DateTimeOffset midnight, ref RandomStream draw)
    {
        for (var minute = 0; minute < 1_440; minute += 15)
        {
            for (var integration = 1; integration <= 4; integration++)
                pen.Write(
                    midnight.AddMinutes(minute).AddSeconds(draw.Between(1, 200)), SequenceActor.Integration,
                    new SequenceItem("COMPLETED", "INTEGRATION_SYNC", integration));
        }

        for (var i = company.Size.Customers / 4; i > 0; i--)
            pen.Write(
                midnight.AddMilliseconds(draw.Below(86_400_000)), SequenceActor.Integration,
                new SequenceItem("HANDLED", "INTEGRATION_WEBHOOK", draw.Below(1_000_000)));
    }
}
