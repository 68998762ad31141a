namespace ActivityConnector.Tests.Detections.OrdinaryWeek;

/// <summary>What is known of the week and the month before it by name: the deeds, and their records in the order of time.</summary>
internal sealed class Plan
{
    public static readonly DateTimeOffset ReleaseAt = Calendar.At(Office.Dublin, Calendar.Release, 13);

    private readonly DeedBook _book;

    public Plan(int seed, Company company, Rota rota, DeedRate rate)
    {
        _book = new(seed, company, rota, rate);
        HasOutage = _book.Has(timesAYear: 4);
        EarlierDeeds.Write(_book);
        SignInTroubles.Write(_book, HasOutage);
        TeammateDeeds.Write(_book);
        WorkspaceDeeds.Write(_book);
        FinanceDeeds.Write(_book, rota);
        Customs.Write(_book, rota);
        Records = [.. _book.TakeRecords()];
        Deeds = [.. _book.Deeds.Where(d => d.Until >= Calendar.Monday).OrderBy(d => d.From)];
    }

    /// <summary>Whether the identity provider fails in this week.</summary>
    public bool HasOutage { get; }

    public IReadOnlyList<WeekRecord> Records { get; }

    public IReadOnlyList<Deed> Deeds { get; }

    public bool MustSignIn(Person person, int day) => _book.IsPresent(person, day);

    public bool HasTrouble(Person person, int day) => _book.IsTroubled(person, day);

    /// <summary>Half of marketing sets messages live at the release.</summary>
    public static bool TakesPartInRelease(Person person) => person.Number % 2 == 0;
}
