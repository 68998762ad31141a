using ActivityConnector.Simulation;

namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>What a person in finance does in Sequence. At the end of a month the accountants credit, void and correct.</summary>
internal sealed class FinanceDay(int seed, Company company, Rota rota, SequencePen pen)
{
    private static readonly (string Verb, string Entity)[] Routine =
    [
        ("UPDATED", "INVOICE"), ("UPDATED", "INVOICE"), ("UPDATED", "INVOICE"), ("DOWNLOADED", "INVOICE"), ("DOWNLOADED", "INVOICE"), ("SENT", "INVOICE"),
        ("PAID", "INVOICE"), ("PAID", "INVOICE"), ("UPDATED", "CUSTOMER"), ("UPDATED", "CUSTOMER"), ("CREATED", "CUSTOMER"), ("PUBLISHED", "QUOTE"),
        ("ACCEPTED", "QUOTE"), ("EXECUTED", "QUOTE"), ("CREATED", "BILLING_SCHEDULE"), ("UPDATED", "BILLING_SCHEDULE"), ("ACTIVATED", "BILLING_SCHEDULE"),
        ("ASSIGNED", "WATCHTOWER_TASK"),
    ];

    private static readonly string[] Reasons =
        ["Wrong seat count", "Agreed with the customer", "Duplicate invoice", "Late cancellation", "Price of the old plan"];

    /// <summary>One in three of finance closes the books.</summary>
    public static bool ClosesTheBooks(Person person) => person.UsesSequence && person.Number % 3 == 0;

    public void Write(Person person, int day, bool history)
    {
        if (rota.Of(person, day) is not { } shift) return;
        var draw = Draws.Of(seed, Draws.Finance, person, day);
        var actor = SequenceActor.Of(person);
        if (history)
        {
            pen.Write(At(shift, ref draw), actor, new SequenceItem("UPDATED", "INVOICE", draw.Below(company.Size.Customers)));
            return;
        }

        var routine = draw.Between(12, 45);
        for (var i = 0; i < routine; i++)
        {
            var (verb, entity) = draw.Of(Routine);
            pen.Write(At(shift, ref draw), actor, new SequenceItem(verb, entity, draw.Below(company.Size.Customers)));
        }

        var isClosing = ClosesTheBooks(person) && day is Calendar.MonthEnd or Calendar.MonthEnd + 1;
        Correct(shift, actor, draw.Runs(isClosing ? 0.93 : 0.35, 60), draw.Runs(isClosing ? 0.8 : 0.15, 25), ref draw);
        if (draw.Chance(0.05))
            pen.Write(At(shift, ref draw), actor, new SequenceItem("CREATED", "CREDIT_GRANT", draw.Below(company.Size.Customers), "Goodwill"));
    }

    private static DateTimeOffset At(Shift shift, ref RandomStream draw) =>
        shift.Start.AddMilliseconds(draw.Between(300_000, (int)(shift.End - shift.Start).TotalMilliseconds));

    private void Correct(Shift shift, SequenceActor actor, int credits, int voids, ref RandomStream draw)
    {
        for (var i = 0; i < credits; i++)
        {
            var (at, number, reason) = (At(shift, ref draw), draw.Below(1_000_000), draw.Of(Reasons));
            if (draw.Chance(0.5))
            {
                pen.Write(at, actor, new SequenceItem("CREATED", "CREDIT_NOTE", number, reason), new SequenceItem("ISSUED", "CREDIT_NOTE", number, reason));
                continue;
            }

            pen.Write(at, actor, new SequenceItem("CREATED", "CREDIT_NOTE", number, reason));
            pen.Write(at.AddSeconds(draw.Between(20, 900)), actor, new SequenceItem("ISSUED", "CREDIT_NOTE", number, reason));
        }

        for (var i = 0; i < voids; i++)
            pen.Write(At(shift, ref draw), actor, new SequenceItem("VOIDED", "INVOICE", draw.Below(1_000_000), draw.Of(Reasons)));
    }
}
