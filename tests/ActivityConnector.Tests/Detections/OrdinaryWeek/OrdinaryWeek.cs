namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>
/// A week of an imagined company in the raw records of both vendors, with the ordinary reasons for which rules report in vain. It follows how companies
/// work and not the thresholds of rules: usage fills what people and programs leave of the number of events. The same seed and size give the same bytes.
/// </summary>
internal sealed class OrdinaryWeek
{
    private const int Days = 7;
    private const int FirstOfHistory = 1 << 29;

    // How the events spread over the days: the night after the end of the month is busy, a weekend is not.
    private static readonly double[] Shares = [0.172, 0.168, 0.178, 0.192, 0.154, 0.068, 0.068];

    private readonly int _seed;
    private readonly Company _company;
    private readonly Rota _rota;
    private readonly Plan _plan;

    private OrdinaryWeek(int seed, WeekSize size, DeedRate rate)
    {
        (_seed, _company) = (seed, new(size));
        _rota = new(seed, _company);
        _plan = new(seed, _company, _rota, rate);
    }

    /// <summary>Monday, 0:00 UTC.</summary>
    public static DateTimeOffset Start => Calendar.Monday;

    /// <summary>The Monday after it, 0:00 UTC.</summary>
    public static DateTimeOffset End => Calendar.Monday.AddDays(Days);

    /// <summary>The week's deeds that explain alerts, by the time when they began.</summary>
    public IReadOnlyList<Deed> Deeds => _plan.Deeds;

    /// <summary>The people of the company, without those who join.</summary>
    public IReadOnlyList<Person> People => _company.People;

    public static OrdinaryWeek Of(int seed, WeekSize size, DeedRate rate = DeedRate.EachOnce) => new(seed, size, rate);

    /// <summary>The week's records in the order of time. A day is in memory at a time; each enumeration writes them again.</summary>
    public IEnumerable<WeekRecord> Records()
    {
        var diary = NewDiary(Start, Days);
        var (intercom, sequence) = (new IntercomPen(_seed, 0, diary), new SequencePen(_seed, 0, diary));
        var machines = new MachineDay(_seed, _company, sequence, diary);
        var share = 0.0;
        // Local days begin before and end after those of UTC: a day is complete when the next one is written.
        WriteLocalDay(-1, intercom, sequence);
        WriteLocalDay(0, intercom, sequence);
        for (var day = 0; day < Days; day++)
        {
            WriteLocalDay(day + 1, intercom, sequence);
            machines.Write(day);
            share += Shares[day];
            var isLast = day == Days - 1;
            machines.ReportUsage(day, isLast ? _company.Size.Events : (int)(_company.Size.Events * share));
            if (isLast && diary.Events != _company.Size.Events)
                throw new InvalidOperationException($"People and programs alone have {diary.Events} events: the size {_company.Size} needs more events.");

            foreach (var record in diary.Take(day)) yield return record;
        }
    }

    /// <summary>Thirty days before the week in the order of time: sign-ins, rare deeds, and one record a day of each who works in Sequence.</summary>
    public IEnumerable<WeekRecord> History()
    {
        var diary = NewDiary(Start.AddDays(-Calendar.HistoryDays), Calendar.HistoryDays);
        var (intercom, sequence) = (new IntercomPen(_seed, FirstOfHistory, diary), new SequencePen(_seed, FirstOfHistory, diary));
        var (teammates, finance) = (NewTeammateDay(intercom), new FinanceDay(_seed, _company, _rota, sequence));
        var machines = new MachineDay(_seed, _company, sequence, diary);
        for (var day = -Calendar.HistoryDays; day <= 0; day++)
        {
            foreach (var person in _company.People)
            {
                if (person.UsesIntercom) teammates.Write(person, day, history: true);
                if (person.UsesSequence) finance.Write(person, day, history: true);
            }

            machines.WriteHistory(day);
            if (day == -Calendar.HistoryDays) continue;
            foreach (var record in diary.Take(day - 1 + Calendar.HistoryDays)) yield return record;
        }
    }

    private TeammateDay NewTeammateDay(IntercomPen pen) => new(_seed, _company, _rota, _plan, pen);

    private Diary NewDiary(DateTimeOffset start, int days)
    {
        var diary = new Diary(start, days);
        foreach (var record in _plan.Records) diary.Add(record, events: 1);
        return diary;
    }

    private void WriteLocalDay(int day, IntercomPen intercom, SequencePen sequence)
    {
        var (teammates, marketing) = (NewTeammateDay(intercom), new MarketingDay(_seed, _rota, intercom));
        var finance = new FinanceDay(_seed, _company, _rota, sequence);
        foreach (var person in _company.People)
        {
            if (person.UsesIntercom) teammates.Write(person, day, history: false);
            if (person.Role is Role.Marketing or Role.Product) marketing.Write(person, day);
            if (person.UsesSequence) finance.Write(person, day, history: false);
        }
    }
}
