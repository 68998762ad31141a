namespace ActivityConnector.Simulation.Intercom;

/// <summary>The holes in an Intercom record.</summary>
internal enum IntercomSlot
{
    Id,
    /// <summary>The whole property with its comma: it may be absent.</summary>
    Performer,
    Created,
    Actor,
    ActorId,
    Person,
    AdminId,
    Email,
    Team,
    TeamId,
    Word,
    Title,
    State,
    Reason,
    SignIn,
    App,
    Number,
    Limit,
    Big,
    Bool,
    Earlier,
    LaterIso,
    Hex,
}
