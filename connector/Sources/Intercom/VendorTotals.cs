using ActivityConnector.Sources.Http;

namespace ActivityConnector.Sources.Intercom;

/// <summary>How far the vendor's totals of pages were right, as long as the source lives. That they are not is logged once. Thread-safe.</summary>
internal sealed class VendorTotals(ILogger logger)
{
    private bool _logged;

    /// <summary>False once a total was far too large: no window is made narrower by it.</summary>
    public bool MayNarrow { get; set; } = true;

    /// <summary>There were once records on a page beyond the last one by the total: no walk ends by it any more.</summary>
    public bool FallShort { get; set; }

    public void LogOnceWrongTotals()
    {
        if (!_logged) SourceLog.WrongTotals(logger, "Intercom");
        _logged = true;
    }
}
