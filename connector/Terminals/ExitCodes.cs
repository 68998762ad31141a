namespace ActivityConnector.Terminals;

/// <summary>How the process ends; scripts rely on these.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;

    /// <summary>The configuration has problems; all of them are listed.</summary>
    public const int Configuration = 64;

    /// <summary>A native library is missing or a server is too old.</summary>
    public const int MissingPart = 65;

    /// <summary>A mistake of the connector itself.</summary>
    public const int InternalError = 70;

    /// <summary>Another instance owns the source or the journal.</summary>
    public const int Busy = 75;

    /// <summary>Ctrl-C: 128 + SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
